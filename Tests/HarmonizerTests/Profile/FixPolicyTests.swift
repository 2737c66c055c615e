// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Who decides what a repair does: the source, else the profile, else the bridge repairs.
@Suite struct FixPolicyTests {
    /// One source that decides for itself, beside one that does not.
    private func pipeline(
        profile: FixPolicy?, source: FixPolicy?, rule: Fix.Rule
    ) throws -> TestPipeline {
        try TestPipeline(
            [
                TestPipeline.source(
                    "own", filter: "own/+", policies: FixPolicies(source.map { [rule: $0] } ?? [:])),
                TestPipeline.source("other", filter: "other/+"),
            ], profile: profile.map { "fixes: {\(rule.rawValue): \($0.rawValue)}" } ?? "{}")
    }

    private static let payloads: [(Fix.Rule, String)] = [
        (.timeMissing, "id=1 1-0:1.7.0=5W"), (.timeUnsynced, "id=1 t=9 1-0:1.7.0=5W"),
        (.timeInvalid, "id=1 t=999999999999 1-0:1.7.0=5W"), (.idMissing, "t=1795217228 1-0:1.7.0=5W"),
        (.idPlaceholder, "id=12345 t=1795217228 1-0:1.7.0=5W"),
        (.payloadLenient, "id=1 t=1795217228 lenient 1-0:1.7.0=5W"),
        (.valueDropped, "id=1 t=1795217228 1-0:1.7.0=5W 1-0:1.8.0=-1kWh"),
    ]

    @Test(arguments: payloads) func `a source decides for itself, its neighbour by the profile`(
        rule: Fix.Rule, payload: String
    ) throws {
        for (profile, source) in [(FixPolicy.fix, FixPolicy.off), (.off, .fix), (.reject, .flag), (.flag, .reject)] {
            var pipeline = try pipeline(profile: profile, source: source, rule: rule)
            #expect(Self.outcome(pipeline.send("own/a", payload)) == Self.expected(source, rule, by: "source"))
            #expect(Self.outcome(pipeline.send("other/a", payload)) == Self.expected(profile, rule, by: "profile"))
        }
    }

    @Test func `what nobody decides is repaired`() throws {
        var pipeline = try pipeline(profile: nil, source: nil, rule: .timeMissing)
        #expect(pipeline.send("own/a", "id=1 1-0:1.7.0=5W").rules == [["time.missing"]])
        #expect(FixPolicies().policy(.timeMissing) == .fix && FixPolicies()[.timeMissing] == nil)
    }

    @Test func `off publishes what was sent, where something was`() throws {
        var pipeline = try TestPipeline(
            [
                TestPipeline.source(
                    policies: FixPolicies([.timeUnsynced: .off, .idPlaceholder: .off, .valueDropped: .off]))
            ])
        let out = pipeline.send("in/a", "id=12345 t=9 1-0:1.8.0=-1kWh")
        #expect(out.rules == [[]])
        #expect(out.readings[0]["time"] as? String == "1970-01-01T00:00:09Z")
        #expect(out.meters == ["12345"])
        #expect(out.registers == ["1-0:1.8.0": "-1"])
    }

    @Test func `where nothing was sent, off repairs without a word`() throws {
        var pipeline = try TestPipeline(
            [TestPipeline.source(policies: FixPolicies([.timeMissing: .off, .timeInvalid: .off, .idMissing: .off]))])
        for payload in ["1-0:1.7.0=5W", "t=999999999999 1-0:1.7.0=5W"] {
            let out = pipeline.send("in/a", payload)
            #expect(out.rules == [[]])
            #expect(out.readings[0]["time"] as? String == "2026-11-20T23:27:08Z")
            #expect(out.readings[0]["time_source"] as? String == "bridge")
            #expect(out.meters.count == 1 && out.meters[0].hasPrefix("a-"))
        }
    }

    private static func outcome(_ publications: [Publication]) -> String {
        let rules = publications.rules.flatMap(\.self).joined(separator: " ")
        let reject = publications.payloads("/reject").first.map { $0.contains("\"policy.rejected\"") ? $0 : "?" }
        return reject.map { payload in
            ["source", "profile"].first { payload.contains("the \($0) rejects") } ?? payload
        } ?? "reading \(rules)"
    }

    private static func expected(_ policy: FixPolicy, _ rule: Fix.Rule, by judge: String) -> String {
        switch policy {
        case .fix, .flag: "reading \(rule.rawValue)"
        case .off: "reading "
        case .reject: judge
        }
    }
}
