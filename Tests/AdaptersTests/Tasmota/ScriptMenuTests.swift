// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import Adapters

/// The scripts of Tasmota's script menu, read as `discover` proposes it, against the main registers that each script has.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["OBIS_CORPUS"] != nil)) struct ScriptMenuTests {
    @Test func `the main registers of the script menu are read with nothing written by hand`() throws {
        let folder = (ProcessInfo.processInfo.environment["OBIS_CORPUS"] ?? "") + "/readers/tasmota"
        let expected = try JSONDocument.parse(
            Array(try String(contentsOfFile: folder + "/main-registers.json", encoding: .utf8).utf8)
        ).root
        var payloads: [String: RawMessage] = [:]
        for line in try String(contentsOfFile: folder + "/ottelo.jsonl", encoding: .utf8).split(separator: "\n") {
            let root = try JSONDocument.parse(Array(line.utf8)).root
            let topic = root["topic"]?.text ?? ""
            let name = topic.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            guard payloads[name] == nil else { continue }
            payloads[name] = RawMessage(
                topic: topic, payload: Array((root["payload"]?.text ?? "").utf8), received: Timestamp(seconds: 0))
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/ottelo-expected.json"))
        let meanings = try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]] ?? [:]
        var found = 0
        var all = 0
        var missing: [String] = []
        var wrong: [String] = []
        for script in expected.members {
            let name = script.key.string
            let message = try #require(payloads[name])
            var discovery = Discovery(placeholders: [])
            discovery.hear(message)
            let findings = discovery.findings
            let codes = Set(findings.flatMap(\.observations).map(\.obis.canonical.description))
            var lost: [String] = []
            for code in script.value["main"].map({ $0.elements.map { $0 } }) ?? [] {
                all += 1
                if codes.contains(code.value.literal.string) {
                    found += 1
                } else {
                    lost.append(code.value.literal.string)
                }
            }
            wrong += Self.wrong(findings, meanings[name]?["labels"] as? [String: [Any]] ?? [:]).map { "\(name): \($0)" }
            guard !lost.isEmpty else { continue }
            let cause =
                findings.first.map { "\($0.verdict.rawValue): \($0.reasons.joined(separator: "; "))" } ?? "no finding"
            let labels = String(decoding: message.payload, as: UTF8.self).dropFirst(30)
            missing.append(
                "\(name) \(script.value["script"]?.text ?? ""): \(lost.joined(separator: ", ")); \(cause); \(labels)")
        }
        print(
            "Tasmota's script menu: \(found) of \(all) main registers from discover's own proposals, \(wrong.count) wrong"
        )
        for line in missing { print("  missing in \(line)") }
        #expect(all == 294)
        #expect(found >= 286, "\(found) of \(all)")
        #expect(wrong == [])
    }

    /// What a proposal reads otherwise than the script means it: another register, or another unit.
    private static func wrong(_ findings: [Finding], _ labels: [String: [Any]]) -> [String] {
        findings.flatMap(\.observations).compactMap { observation in
            guard observation.obis.isMain, let label = observation.raw?.split(separator: "=").first,
                let meant = labels.first(where: { $0.key.hasSuffix(".\(label)") })?.value, meant.count > 1,
                let code = (meant[0] as? String).flatMap({ OBISCode($0) })
            else { return nil }
            let words = meant[1] as? String ?? ""
            let unit = Unit(words)
            if code.canonical == observation.obis.canonical, unit == nil || observation.unit == unit { return nil }
            return "\(label) is \(code) \(words), read as \(observation.obis) \(observation.unit.map(\.symbol) ?? "")"
        }
    }
}
