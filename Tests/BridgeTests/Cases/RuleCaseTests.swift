// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration

/// Every rule with every policy: the golden cases that show it, from their messages to what is published.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct RuleCaseTests {
    /// What the cases that show a rule publish where it has this policy.
    private static func results(_ rule: Fix.Rule, _ policy: FixPolicy) -> [CaseResult] {
        GoldenCaseTests.results.map(\.golden).filter { $0.shows.contains { $0.rule == rule } }.map { golden in
            var golden = golden
            let policies = FixPolicies([rule: policy])
            golden.settings.profile.policies = golden.settings.profile.policies.overlaid(with: policies)
            for index in golden.settings.sources.indices {
                let own = golden.settings.sources[index].policies
                golden.settings.sources[index].policies = own.overlaid(with: policies)
            }
            return CaseRunner.run(golden)
        }
    }

    /// The rejects that name the rule.
    private static func rejects(_ result: CaseResult, _ rule: Fix.Rule) -> Int {
        result.publications.count { publication in
            publication.topic.hasSuffix("/reject")
                && String(decoding: publication.payload, as: UTF8.self).contains(" rejects \(rule.rawValue)\"")
        }
    }

    @Test(arguments: Fix.Rule.allCases) func `fix and flag say it, off does not, reject publishes no such reading`(
        rule: Fix.Rule
    ) {
        for result in Self.results(rule, .fix) {
            #expect(
                result.fixes.contains { $0.rule == rule.rawValue } && Self.rejects(result, rule) == 0,
                "\(FixPolicy.fix): \(result.golden.mark) \(result.golden.name)")
        }
        // What is not repaired may be another rule's: a clock that stays two hours ahead is a time to come.
        let flagged = Self.results(rule, .flag)
        #expect(flagged.contains { $0.fixes.contains { $0.rule == rule.rawValue } }, "\(FixPolicy.flag)")
        #expect(flagged.allSatisfy { Self.rejects($0, rule) == 0 })
        for result in Self.results(rule, .off) {
            #expect(
                !result.fixes.contains { $0.rule == rule.rawValue } && Self.rejects(result, rule) == 0
                    && result.publications.contains { $0.topic.hasSuffix("/reading") },
                "\(FixPolicy.off): \(result.golden.mark) \(result.golden.name)")
        }
        for result in Self.results(rule, .reject) {
            #expect(
                !result.fixes.contains { $0.rule == rule.rawValue } && Self.rejects(result, rule) > 0,
                "\(FixPolicy.reject): \(result.golden.mark) \(result.golden.name)")
        }
    }
}
