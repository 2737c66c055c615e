// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// MQTT topic filters (MQTT 5.0, 4.7).
@Suite struct TopicPatternTests {
    @Test(arguments: [
        ("tele/+/SENSOR", "tele/gPlug11/SENSOR", ["gPlug11"]),
        ("smartmeter/#", "smartmeter/12345/TYPE", ["12345/TYPE"]),
        ("smartmeter/#", "smartmeter//dev/ttyUSB0/TYPE", ["/dev/ttyUSB0/TYPE"]), ("a/#", "a", [""]),
        ("a/#", "a/", [""]),
        ("+/b", "/b", [""]), ("+/+/#", "a/b/c/d", ["a", "b", "c/d"]), ("$SYS/#", "$SYS/x", ["x"]), ("#", "a", ["a"]),
        ("+/x", "\u{301}/x", ["\u{301}"]), ("tele/+/S", "tele/\u{301}g/S", ["\u{301}g"]),
        ("a/b", "a/b", []), ("$share/g/tele/+/S", "tele/x/S", ["x"]),
    ]) func `wildcards tell what they matched`(filter: String, topic: String, captures: [String]) throws {
        #expect(try #require(TopicPattern(filter)).captures(topic)?.map(String.init) == captures)
    }

    @Test(arguments: [
        ("tele/+/SENSOR", "tele/a/b/SENSOR"), ("a/b", "a"), ("a", "a/b"), ("#", "$SYS/broker"), ("+/x", "$SYS/x"),
        ("a/+", "a"),
        ("caf\u{e9}", "cafe\u{301}"), ("+", "a/"), ("a//b", "a/b"),
    ])
    func `other topics do not match`(filter: String, topic: String) throws {
        #expect(try #require(TopicPattern(filter)).captures(topic) == nil)
    }

    @Test(arguments: [
        "", "a/#/b", "a#", "a/b+", "+a/b", "#/", "##", "a/+\u{301}/b", "a\0", "+/a+", "$share/g", "$share//a",
        "$share/+/a",
    ])
    func `what is no filter is refused`(filter: String) {
        #expect(TopicPattern(filter) == nil)
    }

    @Test(arguments: [
        ("#", "a/b", true), ("a/+", "a/b", true), ("a/b", "a/+", false), ("a/#", "a/+/c", true), ("a/+", "a/#", false),
        ("a/#", "a", true), ("+/+", "a/b/c", false),
        ("$share/g/#", "a", false), ("#", "$share/g/a", false), ("$share/g/#", "$share/g/a", true),
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

    @Test func `matching, covering and overlapping agree with trying every topic`() throws {
        let words = ["a", "b", "$c", ""]
        var topics: [[String]] = [[]]
        var all: [[String]] = []
        for _ in 0..<3 {
            topics = topics.flatMap { topic in words.map { topic + [$0] } }
            all += topics
        }
        let levels = ["a", "b", "$c", "", "+"]
        var filters: [[String]] = levels.map { [$0] } + [["#"]]
        for one in levels {
            filters.append([one, "#"])
            for two in levels {
                filters.append([one, two])
                filters.append([one, two, "#"])
            }
        }
        let usable = try filters.filter { $0 != [""] }.map {
            ($0, try #require(TopicPattern($0.joined(separator: "/"))))
        }
        let usableTopics = all
        let matches = usable.map { levels, pattern in
            Set(
                usableTopics.indices.filter { index in
                    let naive = Self.matches(levels, usableTopics[index])
                    let captures = pattern.captures(usableTopics[index].joined(separator: "/"))
                    #expect((captures != nil) == naive, "\(pattern) \(usableTopics[index])")
                    if let captures { #expect(captures.count == levels.count { $0 == "+" || $0 == "#" }) }
                    return naive
                })
        }
        for one in usable.indices {
            for two in usable.indices {
                let (left, right) = (usable[one].1, usable[two].1)
                let meet = !matches[one].isDisjoint(with: matches[two])
                #expect(left.overlaps(right) == meet, "\(left) \(right)")
                if left.covers(right) { #expect(matches[two].isSubset(of: matches[one]), "\(left) \(right)") }
            }
        }
    }

    /// MQTT 5.0, 4.7, word for word.
    private static func matches(_ filter: [String], _ topic: [String]) -> Bool {
        if ["+", "#"].contains(filter.first), topic.first?.hasPrefix("$") == true { return false }
        return matchesRest(filter[...], topic[...])
    }

    private static func matchesRest(_ filter: ArraySlice<String>, _ topic: ArraySlice<String>) -> Bool {
        guard let level = filter.first else { return topic.isEmpty }
        if level == "#" { return true }
        guard let word = topic.first, level == "+" || level == word else { return false }
        return matchesRest(filter.dropFirst(), topic.dropFirst())
    }
}
