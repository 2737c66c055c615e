// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// What the policies of a profile mean; `RuleCaseTests` tries every rule with every policy.
@Suite struct RulePolicyTests {
    @Test func `the steps, the registry and the readers decide about every rule, and each about its own`() {
        let rules = Steps.rules + MeterRegistry.rules + Telegram.rules
        #expect(Set(rules) == Set(Fix.Rule.allCases))
        #expect(rules.count == Fix.Rule.allCases.count)
    }

    // MARK: - The decision itself

    private let repair = Fix(
        .valueSentinel, fields: ["1-0:32.7.0"], action: .drop, original: "65535", with: "nothing", by: "bridge.yaml:4")

    @Test(arguments: [
        (FixPolicy.fix, true, true, false), (.flag, false, true, false), (.off, false, false, false),
        (.reject, true, true, true),
    ])
    func `a policy decides whether a repair is made, recorded, and published`(
        policy: FixPolicy, isMade: Bool, isRecorded: Bool, rejects: Bool
    ) {
        var decisions = FixDecisions(FixPolicies([.valueSentinel: policy]))
        #expect(decisions.decide(repair, for: .valueSentinel) == isMade)
        #expect(decisions.all.count == (isRecorded ? 1 : 0))
        #expect((decisions.rejecting == .valueSentinel) == rejects)
        if policy == .flag {
            #expect(
                decisions.all == [
                    Fix(.valueSentinel, fields: ["1-0:32.7.0"], action: .flag, original: "65535", by: "bridge.yaml:4")
                ])
        }
    }

    @Test func `the first rule that rejects is the one that is named`() {
        var decisions = FixDecisions(FixPolicies([.timeMissing: .reject, .valueUnit: .reject]))
        decisions.record(Fix(.timeMissing, fields: ["time"], action: .substitute))
        _ = decisions.decide(Fix(.valueUnit, fields: ["1-0:1.7.0"], action: .drop), for: .valueUnit)
        #expect(decisions.rejecting == .timeMissing)
    }
}
