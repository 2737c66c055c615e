// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// `Profiles/harmonized.yaml` as it is shipped.
@Suite struct ShippedProfileTests {
    private func shipped() throws -> (Profile, ProblemList) {
        let problems = ProblemList()
        let root = try #require(ProfileLoader.shipped("harmonized", problems: problems))
        let profile = ProfileLoader(problems: problems).load(root) { name, _ in
            ProfileLoader.shipped(name, problems: problems)
        }
        return (try #require(profile, "\(problems.sorted)"), problems)
    }

    @Test func `it has no mistakes`() throws {
        let (profile, problems) = try shipped()
        #expect(problems.sorted.isEmpty)
        #expect(profile.name == "harmonized")
        #expect(profile.topics.root == "harmonized/v1")
    }

    @Test func `the twelve registers of the Swiss configuration have aliases and units`() throws {
        let (profile, _) = try shipped()
        let expected = [
            "1.8.0": "energy_import kWh", "2.8.0": "energy_export kWh", "3.8.0": "reactive_energy_import kvarh",
            "4.8.0": "reactive_energy_export kvarh", "1.7.0": "power_import W", "2.7.0": "power_export W",
            "32.7.0": "voltage_l1 V", "52.7.0": "voltage_l2 V", "72.7.0": "voltage_l3 V", "31.7.0": "current_l1 A",
            "51.7.0": "current_l2 A", "71.7.0": "current_l3 A",
        ]
        for (text, names) in expected {
            let register = try #require(OBISCode(text).flatMap { profile.register($0) }, "\(text)")
            #expect("\(register.alias ?? "") \(register.units.first?.symbol ?? "")" == names)
        }
    }

    @Test func `every rule is named, and each is repaired or said`() throws {
        let (profile, problems) = try shipped()
        let root = try #require(ProfileLoader.shipped("harmonized", problems: problems))
        guard case .mapping(let members) = root.content, let fixes = members.first(where: { $0.key == "fixes" }),
            case .mapping(let rules) = fixes.value.content
        else {
            Issue.record("no fixes")
            return
        }
        #expect(rules.map(\.key).sorted() == Fix.Rule.allCases.map(\.rawValue).sorted())
        #expect(Fix.Rule.allCases.allSatisfy { [.fix, .flag].contains(profile.policies[$0]) })
    }

    @Test func `its annotated text is the same profile`() throws {
        let (profile, _) = try shipped()
        let problems = ProblemList()
        let text = profile.source.annotatedText()
        let root = try #require(YAMLLoader.load(text, file: "merged.yaml", problems: problems))
        let again = try #require(ProfileLoader(problems: problems).load(root) { _, _ in nil }, "\(problems.sorted)")
        #expect(again.registers.mapValues(\.alias) == profile.registers.mapValues(\.alias))
        #expect(again.registers.mapValues(\.units) == profile.registers.mapValues(\.units))
        #expect(again.derived.map(\.obis) == profile.derived.map(\.obis))
        #expect(again.topics.all.map(\.rule.template) == profile.topics.all.map(\.rule.template))
    }
}
