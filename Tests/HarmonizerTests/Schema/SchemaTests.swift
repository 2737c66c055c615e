// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

/// The printed documents; what publications look like in their light is judged by `Scripts/consumers`.
@Suite struct SchemaTests {
    private func documents(_ yaml: String = "{}") throws -> SchemaDocuments {
        SchemaDocuments(try Profile(yaml: yaml), version: "1.2.3")
    }

    private func object(_ tree: JSONTree) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(tree.document.utf8)) as? [String: Any])
    }

    @Test func `the schema names the profile's registers and every rule`() throws {
        let root = try object(try documents(#"registers: {"1-0:1.8.1": {alias: day}}"#).jsonSchema)
        let definitions = try #require(root["$defs"] as? [String: [String: Any]])
        let values = definitions["values"]?["properties"] as? [String: Any]
        #expect(values?["day"] != nil && values?["energy_import_t1"] == nil)
        let fix = definitions["fix"]?["properties"] as? [String: [String: Any]]
        #expect(fix?["rule"]?["enum"] as? [String] == Fix.Rule.allCases.map(\.rawValue))
        let registers = definitions["registers"]?["patternProperties"] as? [String: Any]
        #expect(registers?["^0-[1-4]:24\\.2\\.1$"] != nil, "M-Bus registers on any channel")
    }

    @Test func `AsyncAPI has every topic that is published, where it is published`() throws {
        let root = try object(try documents("topics: {root: haus/v1, obis: false}").asyncAPI)
        #expect(root["asyncapi"] as? String == "3.0.0")
        let channels = try #require(root["channels"] as? [String: [String: Any]])
        #expect(channels["state"]?["address"] as? String == "haus/v1/meter/{meter}/state")
        #expect(channels["obis"] == nil && channels["value"] == nil, "switched off")
    }

    @Test func `the RL-DSP profile repairs nothing, computes nothing and rounds nothing`() throws {
        let problems = ProblemList()
        let root = try #require(ProfileLoader.shipped("rl-dsp", problems: problems))
        let loaded = ProfileLoader(problems: problems).load(root) { name, _ in
            ProfileLoader.shipped(name, problems: problems)
        }
        let profile = try #require(loaded, "\(problems.sorted)")
        for rule in [Fix.Rule.timeMissing, .timeInvalid, .idPlaceholder, .valueDropped, .counterDecrease, .counterZero]
        {
            #expect(profile.policies.policy(rule) == .off, "\(rule.rawValue)")
        }
        #expect(profile.derived.isEmpty)
        #expect(profile.registers.values.filter { $0.obis.a == 1 && $0.decimals != nil }.map(\.obis).isEmpty)
        #expect(profile.registers.values.contains { $0.alias == "energy_import" }, "it extends the shipped one")
    }
}
