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
        var found = 0
        var all = 0
        for script in expected.members {
            let message = try #require(payloads[script.key.string])
            var discovery = Discovery(placeholders: [])
            discovery.hear(message)
            let codes = Set(discovery.findings.flatMap(\.observations).map(\.obis.canonical.description))
            for code in script.value["main"].map({ $0.elements.map { $0 } }) ?? [] {
                all += 1
                if codes.contains(code.value.literal.string) { found += 1 }
            }
        }
        #expect(all == 294)
        #expect(found >= 286, "\(found) of \(all)")
    }
}
