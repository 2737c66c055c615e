// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// MQTT topic filters (MQTT 5.0, 4.7).
@Suite struct TopicPatternTests {
    @Test(arguments: [
        ("tele/+/SENSOR", "tele/gPlug11/SENSOR", ["gPlug11"]),
        ("smartmeter/#", "smartmeter/12345/TYPE", ["12345/TYPE"]),
        ("smartmeter/#", "smartmeter//dev/ttyUSB0/TYPE", ["/dev/ttyUSB0/TYPE"]), ("a/#", "a", []), ("+/b", "/b", [""]),
        ("a/b", "a/b", []),
    ]) func `wildcards tell what they matched`(filter: String, topic: String, captures: [String]) throws {
        #expect(try #require(TopicPattern(filter)).captures(topic)?.map(String.init) == captures)
    }

    @Test(arguments: [
        ("tele/+/SENSOR", "tele/a/b/SENSOR"), ("a/b", "a"), ("a", "a/b"), ("#", "$SYS/broker"), ("+/x", "$SYS/x"),
        ("a/+", "a"),
    ])
    func `other topics do not match`(filter: String, topic: String) throws {
        #expect(try #require(TopicPattern(filter)).captures(topic) == nil)
    }

    @Test(arguments: ["", "a/#/b", "a#", "a/b+", "+a/b"]) func `what is no filter is refused`(filter: String) {
        #expect(TopicPattern(filter) == nil)
    }

    @Test(arguments: [
        ("#", "a/b", true), ("a/+", "a/b", true), ("a/b", "a/+", false), ("a/#", "a/+/c", true), ("a/+", "a/#", false),
        ("a/#", "a", true), ("+/+", "a/b/c", false),
    ]) func `one filter covers another`(one: String, other: String, expected: Bool) throws {
        #expect(try #require(TopicPattern(one)).covers(try #require(TopicPattern(other))) == expected)
    }

    @Test(arguments: [
        ("a/+", "+/b", true), ("a/b", "a/c", false), ("a/#", "a", true), ("a/b/c", "a/+", false), ("#", "x/y", true),
        ("harmonized/+/x", "harmonized/v1/+", true),
    ]) func `filters overlap when a topic matches both`(one: String, other: String, expected: Bool) throws {
        let first = try #require(TopicPattern(one))
        let second = try #require(TopicPattern(other))
        #expect(first.overlaps(second) == expected)
        #expect(second.overlaps(first) == expected)
    }
}
