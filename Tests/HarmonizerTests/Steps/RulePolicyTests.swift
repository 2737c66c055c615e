// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// Every rule with every policy, from a message to what is published.
@Suite struct RulePolicyTests {
    /// Messages that need a repair.
    private struct Scenario {
        var rule: Fix.Rule
        var source = TestPipeline.source()
        /// Payload and the pause before it in milliseconds; `$` is the time of the message in seconds.
        var messages: [(String, Int64)]

        init(_ rule: Fix.Rule, source: Source = TestPipeline.source(), _ messages: [(String, Int64)]) {
            self.rule = rule
            self.source = source
            self.messages = messages
        }

        init(_ rule: Fix.Rule, source: Source = TestPipeline.source(), _ payloads: String...) {
            self.init(rule, source: source, payloads.map { ($0, 10_000) })
        }

        func run(_ policy: FixPolicy) throws -> [Publication] {
            var test = try TestPipeline([source], profile: "fixes: {\(rule.rawValue): \(policy.rawValue)}")
            var out: [Publication] = []
            for (payload, pause) in messages {
                let seconds = test.now.adding(milliseconds: pause).seconds
                out += test.send("in/a", Self.payload(payload, seconds), after: pause)
            }
            return out + test.pipeline.flush(at: test.now)
        }

        /// `$-600` is ten minutes before the message.
        private static func payload(_ text: String, _ seconds: Int64) -> String {
            text.split(separator: " ").map { word -> String in
                guard let place = word.firstIndex(of: "$") else { return String(word) }
                let offset = Int64(word[word.index(after: place)...].replacing("+", with: "")) ?? 0
                return "\(word[..<place])\(seconds + offset)"
            }.joined(separator: " ")
        }
    }

    private static var scaled: Source {
        var source = TestPipeline.source(meter: "m-1")
        source.scale = ScaleRule(quantities: [.voltage: ExactDecimal(1, exponent: -1)])
        return source
    }

    private static var automatic: Source {
        var source = TestPipeline.source(meter: "m-1")
        source.scale = ScaleRule(isAutomatic: true)
        return source
    }

    private static func scenario(_ rule: Fix.Rule) -> Scenario {
        let value = "1-0:1.7.0=5W"
        func counter(_ numbers: String...) -> Scenario {
            Scenario(rule, numbers.map { ("id=1 t=$ \(value) 1-0:1.8.0=\($0)kWh", 10_000) })
        }
        switch rule {
        case .timeMissing: return Scenario(rule, "id=1 \(value)")
        case .timeUnsynced: return Scenario(rule, "id=1 t=9 \(value)")
        case .timeInvalid: return Scenario(rule, "id=1 t=999999999999 \(value)")
        case .timeZoneError:
            return Scenario(rule, [(String, Int64)](repeating: ("id=1 t=$-3600 \(value)", 10_000), count: 25))
        case .timeSkew:
            return Scenario(rule, [(String, Int64)](repeating: ("id=1 t=$-400 \(value)", 10_000), count: 25))
        case .timeFuture: return Scenario(rule, "id=1 t=$+864000 \(value)")
        case .timeTooOld: return Scenario(rule, "id=1 t=$-864000 \(value)")
        case .timeOutOfOrder: return Scenario(rule, "id=1 t=$ \(value)", "id=1 t=$-25 \(value)")
        case .timeSetBack:
            return Scenario(
                rule,
                [("id=1 t=$ \(value)", 0)] + [(String, Int64)](repeating: ("id=1 t=$-60 \(value)", 10_000), count: 5))
        case .contentFrozen:
            return Scenario(rule, [(String, Int64)](repeating: ("id=1 t=1795217300 \(value)", 60_000), count: 30))
        case .idMissing: return Scenario(rule, "t=$ \(value)")
        case .idPlaceholder: return Scenario(rule, "id=12345 t=$ \(value)")
        case .idFlapping:
            return Scenario(
                rule, source: TestPipeline.source(meter: "m-1"), "id=1 t=$ \(value)", "id=2 t=$ \(value)",
                "id=1 t=$ \(value)", "id=2 t=$ \(value)")
        case .idCollision:
            return Scenario(
                rule,
                (0..<12).map { ("id=1 t=$ \(value) 1-0:1.8.0=\($0 % 2 == 0 ? 100 : 5000)kWh", 10_000) })
        case .telegramRestored: return Scenario(rule, "id=1 t=$ restored \(value)")
        case .payloadLenient: return Scenario(rule, "id=1 t=$ lenient \(value)")
        case .telegramPartial:
            return Scenario(
                rule,
                [
                    ("id=1 t=$ part \(value)", 0), ("id=1 t=$ part 1-0:2.7.0=0W", 0),
                    ("id=1 t=$ part \(value)", 10_000), ("id=1 t=$ part 1-0:2.7.0=0W", 0),
                    ("id=1 t=$ part \(value)", 10_000),
                ])
        case .valueDropped: return Scenario(rule, "id=1 t=$ \(value) 1-0:1.8.0=-5kWh")
        case .valueSentinel: return Scenario(rule, "id=1 t=$ \(value) 1-0:32.7.0=65535V")
        case .valueUnit: return Scenario(rule, "id=1 t=$ \(value) 1-0:32.7.0=5kWh")
        case .valueOutOfRange: return Scenario(rule, "id=1 t=$ \(value) 1-0:32.7.0=2347V")
        case .scaleKnown: return Scenario(rule, source: scaled, "id=1 t=$ \(value) 1-0:32.7.0=2301V")
        case .scaleAuto:
            return Scenario(
                rule, source: automatic,
                (0..<90).map { minute in
                    let load = 1000 + 5000 * (minute % 6) / 5
                    let phases = (0..<3).map { phase in
                        "1-0:\(32 + 20 * phase).7.0=2300V 1-0:\(31 + 20 * phase).7.0=\(ExactDecimal(Int64(load * 1000 / 690), exponent: -3))A"
                    }
                    return ("id=1 t=$ 1-0:1.7.0=\(load)W \(phases.joined(separator: " "))", 60_000)
                })
        case .counterDecrease: return counter("100", "90")
        case .counterZero: return counter("100", "0")
        case .counterJump: return counter("100", "1000000")
        case .counterRounding: return counter("100.123", "100.12")
        case .counterConfirmed:
            return Scenario(
                rule,
                [("id=1 t=$ \(value) 1-0:1.8.0=100kWh", 0)]
                    + [(String, Int64)](repeating: ("id=1 t=$ \(value) 1-0:1.8.0=50kWh", 120_000), count: 12))
        }
    }

    @Test(arguments: Fix.Rule.allCases) func `fix, flag and reject say it, off does not`(rule: Fix.Rule) throws {
        let scenario = Self.scenario(rule)
        for policy in [FixPolicy.fix, .flag] {
            #expect(try scenario.run(policy).rules.contains { $0.contains(rule.rawValue) }, "\(policy)")
        }
        let silent = try scenario.run(.off)
        #expect(!silent.rules.contains { $0.contains(rule.rawValue) } && !silent.readings.isEmpty)
        #expect(silent.payloads("/reject").isEmpty)
        let strict = try scenario.run(.reject)
        #expect(!strict.rules.contains { $0.contains(rule.rawValue) })
        #expect(
            strict.payloads("/reject").contains { $0.contains("the profile rejects \(rule.rawValue)") },
            "\(strict.payloads("/reject").prefix(2))")
    }

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
