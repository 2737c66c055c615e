// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import BridgeConfiguration
@testable import PlugTest

/// That a golden case can fail, and says why.
@Suite struct CaseFaultTests {
    private static let head = """
        config: {zone: Europe/Zurich, sources: {gplug: {adapter: gplug, labels: gplug-d}}}
        start: 2026-11-20T22:40:02Z
        steps:
          - topic: tele/gPlugD_A/SENSOR
            payload: '{"Time":"2026-11-20T23:40:01","z":{"SMid":"LGZ1030655900017","Pi":0.412,"V1":229.10}}'

        """

    /// What a case of one message with this below it has to complain about.
    private func faults(_ expectation: String, above: String = "") throws -> [String] {
        let problems = ProblemList()
        let cases = CaseReader(problems: problems).read(above + Self.head + expectation, file: "case.yaml")
        #expect(problems.sorted.isEmpty, "\(problems.sorted)")
        return CaseRunner.run(try #require(cases.first)).faults.map(\.text)
    }

    private static let reading = "harmonized/v1/meter/lgz1030655900017/reading"

    @Test(arguments: [
        ("{registers: {\"1-0:1.7.0\": {value: 412}}}", nil),
        ("{registers: {\"1-0:1.7.0\": {value: 412.00}}}", nil),
        ("{registers: {\"1-0:1.7.0\": {value: 412.0000000001}}}", "value: expected 412.0000000001, found 412"),
        ("{registers: {\"1-0:1.7.0\": {value: \"412\"}}}", "value: expected \"412\", found 412"),
        ("{registers: {\"1-0:32.7.0\": {value: 229.1, unit: mV}}}", "unit: expected \"mV\", found \"V\""),
        ("{registers: {\"1-0:1.7.0\": ~}}", "expected nothing, found {value: 412, unit: \"W\"}"),
        ("{registers: {\"1-0:2.7.0\": {value: 0}}}", "expected an object with value, found nothing"),
        ("{meter: lgz1030655900017, fixes: []}", nil),
        ("{fixes: [{rule: time.missing}]}", "fixes: expected 1 elements, found 0: []"),
        ("{fixes: {}}", "fixes: expected an object with , found []"),
        ("{nobody: ~}", nil),
    ]) func `numbers are compared as decimals and members by name`(json: String, fault: String?) throws {
        let found = try faults("    expect: [{topic: \(Self.reading), json: \(json)}]")
        if let fault {
            #expect(found.count == 1 && found[0].hasPrefix(Self.reading) && found[0].contains(fault), "\(found)")
        } else {
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test func `a number that is published as a text is told apart`() throws {
        let found = try faults("    expect: [{topic: \(Self.reading), json: {time: 2026}}]")
        #expect(found[0].contains("time: expected 2026, found \"2026-11-20T22:40:01Z\""))
        let problems = ProblemList()
        let text = Self.head.replacing("LGZ1030655900017", with: "10487029")
        let golden = CaseReader(problems: problems).read(
            text + "    expect: [{topic: +/+/meter/10487029/reading, json: {meter: 10487029}}]", file: "case.yaml")
        let fault = CaseRunner.run(try #require(golden.first)).faults[0].text
        #expect(fault.contains("expected the number 10487029, found the text \"10487029\": put it in quotes"))
    }

    @Test func `an exact payload tolerates nothing more`() throws {
        let topic = "harmonized/v1/meter/lgz1030655900017/obis/1-0:1.7.0"
        #expect(try faults("    expect: [{topic: \"\(topic)\", payload: \"412\", retained: false}]").isEmpty)
        #expect(
            try faults("    expect: [{topic: \"\(topic)\", payload: \"412.0\"}]")
                == ["\(topic)\n  payload: expected \"412.0\", found \"412\""])
        #expect(
            try faults("    expect: [{topic: \"\(topic)\", retained: true}]")
                == ["\(topic)\n  retained: expected true, found false"])
        let found = try faults("    expect: [{topic: \(Self.reading), exactly: {meter: lgz1030655900017}}]")
        #expect(found.contains { $0.contains("schema: expected nothing, found \"harmonized/1.0\"") }, "\(found)")
    }

    @Test func `what is missing and what is too much is named`() throws {
        let missing = try faults("    expect: [{topic: harmonized/v1/meter/other/reading}]")
        #expect(missing[0].hasPrefix("expected harmonized/v1/meter/other/reading, published were\n"))
        #expect(missing[0].contains("\n    \(Self.reading)\n"))
        let twice = try faults("    expect: [{topic: \(Self.reading)}, {topic: \(Self.reading)}]")
        #expect(twice[0].hasPrefix("expected one more \(Self.reading)"))
        let absent = try faults("    absent: harmonized/v1/meter/+/availability")
        #expect(
            absent == [
                "expected nothing on harmonized/v1/meter/+/availability, found harmonized/v1/meter/lgz1030655900017/availability online"
            ])
        let complete = try faults("    complete: true\n    expect: [{topic: \(Self.reading)}]")
        #expect(complete.allSatisfy { $0.hasPrefix("not expected: ") } && complete.count >= 4, "\(complete)")
        let log = try faults("    diagnostics: [Pimp]")
        #expect(log == ["expected in the log: Pimp\n  found: nothing"])
    }

    @Test func `a rule that a case shows has to be in it, and a silent one not`() throws {
        #expect(try faults("", above: "shows: time.missing\n") == ["expected a fix time.missing, found none"])
        #expect(try faults("", above: "silent: time.missing\n").isEmpty)
        let problems = ProblemList()
        let text = Self.head.replacing("\"Time\":\"2026-11-20T23:40:01\",", with: "")
        let golden = CaseReader(problems: problems).read("silent: [time.missing]\n" + text, file: "case.yaml")
        #expect(
            CaseRunner.run(try #require(golden.first)).faults.map(\.text) == [
                "expected no fix time.missing, found one"
            ])
    }

    @Test func `mistakes of a case file stand at their places`() {
        let problems = ProblemList()
        _ = CaseReader(problems: problems).read(
            """
            config: {sources: {gplug: {adapter: gplugd}}}
            shows: time.mising
            steps:
              - {topic: tele/a/SENSOR, payload: x, at: noon, expects: []}
              - {wait: soon}
              - jump
            """, file: "case.yaml")
        #expect(
            problems.sorted.map(\.description)
                == [
                    "case.yaml:1:37: error: unknown adapter \"gplugd\", did you mean \"gplug\"?",
                    "case.yaml:2:8: error: unknown rule \"time.mising\", did you mean \"time.missing\"?",
                    "case.yaml:4:44: error: \"at\" is a time such as 2026-11-20T22:40:02Z, not \"noon\"",
                    "case.yaml:4:50: error: unknown key \"expects\" in a step, did you mean \"expect\"?",
                    "case.yaml:5:12: error: \"wait\" is a time span such as 500ms, 30s, 5m, 2h or 7d, not \"soon\"",
                    "case.yaml:6:5: error: unknown step \"jump\"; valid: connect, flush, restart, {topic: …}, {wait: 10s}",
                ], "\(problems.sorted)")
    }

    @Test func `a message repeats with the clock and the values that are asked for`() throws {
        let problems = ProblemList()
        let golden = CaseReader(problems: problems).read(
            """
            config: {zone: Europe/Zurich, sources: {gplug: {adapter: gplug, labels: gplug-d}}}
            start: 2026-07-01T10:00:00Z
            steps:
              - topic: tele/a/SENSOR
                values: [0.1, 0.2]
                every: 30s
                clock: -1h
                payload: '{"Time":"{local}","z":{"SMid":"LGZ1030655900017","Pi":{value}}}'
            """, file: "case.yaml")
        let result = CaseRunner.run(try #require(golden.first))
        #expect(
            result.messages.map { String(decoding: $0.payload, as: UTF8.self) } == [
                #"{"Time":"2026-07-01T11:00:00","z":{"SMid":"LGZ1030655900017","Pi":0.1}}"#,
                #"{"Time":"2026-07-01T11:00:30","z":{"SMid":"LGZ1030655900017","Pi":0.2}}"#,
            ])
        #expect(result.messages.map { "\($0.received)" } == ["2026-07-01T10:00:00Z", "2026-07-01T10:00:30Z"])
    }

    @Test func `a restart knows what the broker has kept and nothing else`() throws {
        let found = try faults(
            """
              - restart
              - topic: tele/gPlugD_A/SENSOR
                after: 10s
                payload: '{"Time":"2026-11-20T23:40:11","z":{"Pi":0.400}}'
              - wait: 3s
            expect:
              - {topic: \(Self.reading), json: {registers: {"1-0:1.7.0": {value: 400}}, fixes: []}}
              - topic: harmonized/v1/meter/lgz1030655900017/state
                json: {values: {power_import: 400, voltage_l1: 229.1}}
            """)
        #expect(found.isEmpty, "\(found)")
    }
}
