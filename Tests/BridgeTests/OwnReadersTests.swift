// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Mappings and dictionaries of a user's own, the groups of a Tasmota message, and the report to attach to an issue.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct OwnReadersTests {
    private func recording(_ lines: [(topic: String, payload: String)]) throws -> String {
        try lines.map { line in
            let object = ["received": "2026-11-20T22:40:02Z", "topic": line.topic, "payload": line.payload]
            return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self) + "\n"
        }.joined()
    }

    private func run(_ arguments: [String], in folder: TemporaryDirectory) throws -> (code: Int32, lines: [String]) {
        let command = arguments.map { "'\($0)'" }.joined(separator: " ")
        let process = try ChildProcess("sh", ["-c", "cd \(folder.path) && exec \(RunningBridge.program) \(command)"])
        let code = try #require(process.wait())
        return (code, process.output.value.lines)
    }

    @Test func `files in the folders mappings and labels are like the shipped ones`() throws {
        let folder = try TemporaryDirectory()
        for name in ["mappings", "labels"] {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        try folder.write(
            "mappings/attic.yaml",
            """
            description: the logger in the attic
            recognise: [/attic_kwh, /attic_w]
            fields:
              /attic_id: id
              /attic_kwh: 1-0:1.8.0 kWh
              /attic_w: 1-0:16.7.0 W
            """)
        try folder.write("labels/mine.yaml", "group: MINE\nlabels: {Bez: 1-0:1.8.0 kWh, Lei: 1-0:16.7.0 W, Nr: id}\n")
        try folder.write(
            "bridge.yaml",
            """
            bridge: own
            zone: Europe/Berlin
            sources:
              attic: {adapter: attic, subscribe: house/attic}
              mine: {adapter: tasmota, labels: mine, subscribe: tele/mine/SENSOR}
            """)
        try folder.write(
            "heard.jsonl",
            try recording([
                ("house/attic", #"{"attic_id":"AT-000017","attic_kwh":12345.678,"attic_w":512}"#),
                (
                    "tele/mine/SENSOR",
                    #"{"Time":"2026-11-20T23:40:01","MINE":{"Bez":2131.115,"Lei":120,"Nr":"MN-000018"}}"#
                ),
                ("other/attic", #"{"attic_id":"AT-000019","attic_kwh":77.5,"attic_w":5}"#),
            ]))
        #expect(try run(["check", "--config", "bridge.yaml"], in: folder).code == 0)
        let found = try run(["discover", "--config", "bridge.yaml", "--input", "heard.jsonl"], in: folder)
        #expect(found.code == 0)
        let text = found.lines.joined(separator: "\n")
        #expect(text.contains("house/attic  attic  certain"), "\(text)")
        #expect(text.contains("the source \"attic\" reads it already"), "\(text)")
        #expect(text.contains("tele/mine/SENSOR  tasmota, labels mine"), "\(text)")
        #expect(text.contains("{adapter: attic, subscribe: other/attic}"), "\(text)")
        let played = try run(["replay", "heard.jsonl", "--config", "bridge.yaml", "--through"], in: folder)
        for value in ["12345.678", "2131.115"] {
            #expect(
                played.lines.contains { $0.contains("/obis/1-0:1.8.0") && $0.contains("\"\(value)\"") },
                "\(played.lines)")
        }
    }

    @Test func `a mistake in a file of the folder is told with its place`() throws {
        let folder = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/mappings", withIntermediateDirectories: true)
        try folder.write("mappings/attic.yaml", "fields: {/a: 1-0:1.8.0 kW}\n")
        try folder.write("bridge.yaml", "bridge: own\nzone: UTC\nsources: {a: {adapter: gplug}}\n")
        let check = try run(["check", "--config", "bridge.yaml"], in: folder)
        #expect(check.code == 1)
        #expect(check.lines.contains { $0.contains("attic.yaml:1:14: error:") }, "\(check.lines)")
    }

    @Test func `groups name where the meter stands in a Tasmota message`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("mine.yaml", "labels: {Total: 1-0:1.8.0 kWh, Power: 1-0:16.7.0 W}\n")
        let payload =
            #"{"Time":"2026-11-20T23:40:01","ENERGY":{"Total":12.5,"Power":77},"PV":{"Total":900.5,"Power":-300}}"#
        try folder.write("heard.jsonl", try recording([("tele/house/SENSOR", payload)]))
        func codes(_ groups: String) throws -> [String] {
            try folder.write(
                "bridge.yaml",
                "bridge: own\nzone: UTC\nsources:\n  a: {adapter: tasmota, labels: mine.yaml, \(groups)subscribe: tele/+/SENSOR}\n"
            )
            return try run(["replay", "heard.jsonl", "--config", "bridge.yaml", "--through"], in: folder).lines
                .filter { $0.contains("/obis/1-0:1.8.0") }
        }
        // ENERGY is a plug's own measurement, and taken only when it is named.
        #expect(try codes("").allSatisfy { $0.contains("900.5") })
        let named = try codes("groups: [ENERGY], ")
        #expect(named.count == 1 && named[0].contains("12.5"), "\(named)")
        #expect(try codes("groups: [ENERGY, PV], ").count == 2)
    }

    @Test func `a report has the skeleton and no id`() throws {
        let folder = try TemporaryDirectory()
        try folder.write(
            "heard.jsonl",
            try recording([
                (
                    "attic/AABBCC112233/report",
                    #"{"serial":"XYZ9988776655","energy_import":12345.678,"power":512,"ip":"AA:BB:CC:11:22:33"}"#
                ),
                (
                    "tele/gPlugD_5A0001/SENSOR",
                    #"{"Time":"2026-11-20T23:40:01","z":{"SMid":"LGZ1030655900017","Pi":0.412,"Po":0,"Ei1":18752.361,"Ei2":24226.039}}"#
                ),
            ]))
        let found = try run(["discover", "--input", "heard.jsonl", "--report", "report.md"], in: folder)
        #expect(found.code == 0)
        let report = try String(contentsOfFile: "\(folder.path)/report.md", encoding: .utf8)
        for id in ["AABBCC112233", "XYZ9988776655", "LGZ1030655900017"] { #expect(!report.contains(id), "\(report)") }
        #expect(report.contains("/energy_import: 1-0:1.8.0 kWh   # guessed; was 12345.678"), "\(report)")
        #expect(report.contains("18752.361"))
        #expect(report.contains("gplug"))
        let again = try run(["discover", "--input", "heard.jsonl", "--report", "report.md"], in: folder)
        #expect(again.code == 1 && again.lines.contains { $0.contains("report.md exists already") })
    }
}
