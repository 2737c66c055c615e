// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// What the reader of a page has at hand: a folder with the files that the page shows, a broker, a bridge, and a meter reader
/// that sends what the page says it sends.
final class ShellWorld {
    let folder: TemporaryDirectory
    private let broker: MosquittoBroker
    /// Where the bridge answers HTTP.
    private let port: Int
    private var endless: [(place: String, process: ChildProcess)] = []
    private var reader: ChildProcess?

    private static let messages = [
        (
            topic: "tele/gPlug11/SENSOR",
            payload:
                #"{"Time":"2026-11-20T23:40:00","z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"Ei1":1234.567}}"#
        )
    ]

    init(_ page: DocumentationPage) throws {
        folder = try TemporaryDirectory()
        broker = try MosquittoBroker()
        port = try freePort()
        let own = page.blocks.filter { $0.file != nil }
        for block in own { try folder.write(block.file ?? "", adapted(block.text)) }
        let configuration =
            own.first { $0.file == "bridge.yaml" }?.text
            ?? "zone: Europe/Zurich\nsources:\n"
            + "  gplug: {adapter: gplug, labels: gplug-d, subscribe: tele/gPlug11/SENSOR, meter: house}\n"
        let head =
            (configuration.contains("broker: ") ? "" : "broker: mqtt://localhost\n") + "bridge: docs\nhttp: \(port)\n"
        try folder.write("bridge.yaml", adapted(head + configuration))
        try writeFiles()
        var messages = Self.messages
        if own.contains(where: { $0.file == "bridge.yaml" }),
            let sent = page.blocks.first(where: { $0.language == "text" })
        {
            let settings = try SourcePagesTests.settings(configuration, in: folder)
            messages = SourcePagesTests.messages(in: sent.text, for: settings.sources)
        }
        if page.blocks.flatMap(ShellCommand.commands).allSatisfy({ !$0.text.hasPrefix("obis-bridge run") }) {
            start("obis-bridge run --config bridge.yaml", at: "the bridge of \(page.path)")
        }
        try startReader(messages)
    }

    /// Files that pages name without showing them.
    private func writeFiles() throws {
        let manager = FileManager.default
        for name in ["bin", "cases"] {
            try manager.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        try manager.createSymbolicLink(
            atPath: "\(folder.path)/bin/obis-bridge", withDestinationPath: RunningBridge.program)
        for name in ["Examples", "Profiles", "packaging"] {
            let original = DocumentationPage.root.appendingPathComponent(name).path
            try manager.createSymbolicLink(atPath: "\(folder.path)/\(name)", withDestinationPath: original)
        }
        // Until the package is installed, a newcomer calls the program by its script.
        try manager.createDirectory(atPath: "\(folder.path)/Scripts", withIntermediateDirectories: true)
        try folder.write("Scripts/run", "#!/bin/sh\nexec \(RunningBridge.program) \"$@\"\n")
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/Scripts/run")
        // The commands speak to the broker of this computer; a subscription ends when it has shown something.
        for (name, options) in [("mosquitto_sub", "-C 3 -W 20"), ("mosquitto_pub", "")] {
            let script = "#!/bin/sh\nexec /usr/bin/\(name) -h 127.0.0.1 -p \(broker.port) \(options) \"$@\"\n"
            try folder.write("bin/\(name)", script)
            try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/bin/\(name)")
        }
        for (topic, payload) in Self.messages {
            try folder.write("payload.json", payload)
            let message = RawMessage(
                topic: topic, payload: Array(payload.utf8),
                received: RFC3339.instant("2026-11-20T22:40:02Z") ?? Timestamp(seconds: 0))
            try folder.write("recording.jsonl", String(decoding: RecordedTraffic.line(message), as: UTF8.self))
        }
        let golden = DocumentationTests.blocks("yaml case").first { $0.page == "docs/golden-cases.md" }
        try folder.write("cases/heat-pump.yaml", golden?.text ?? "")
    }

    private func startReader(_ messages: [(topic: String, payload: String)]) throws {
        var loop = ""
        for (index, message) in messages.enumerated() {
            try folder.write("message.\(index)", message.payload)
            loop += "bin/mosquitto_pub -t '\(message.topic)' -f message.\(index); "
        }
        reader = try ChildProcess("sh", ["-c", "cd \(folder.path); while :; do \(loop) sleep 0.2; done"])
    }

    /// The command as it is run here.
    private func adapted(_ text: String) -> String {
        text.replacing(/mqtt:\/\/localhost(:1884)?/, with: "mqtt://127.0.0.1:\(broker.port)")
            .replacing("broker: {username:", with: "broker: {url: \"mqtt://127.0.0.1:\(broker.port)\", username:")
            .replacing("localhost:8080", with: "127.0.0.1:\(port)")
            .replacing("/etc/obis-bridge/", with: "\(folder.path)/")
            .replacing(/--for [0-9]+[smhd]/, with: "--for 3s")
    }

    private func process(_ command: String) throws -> ChildProcess {
        try ChildProcess(
            "env",
            [
                "-C", folder.path, "PATH=\(folder.path)/bin:/usr/local/bin:/usr/bin:/bin", "OBIS_BRIDGE_PASSWORD=",
                "bash", "-o", "pipefail", "-c", adapted(command),
            ])
    }

    // MARK: - Commands

    /// Runs a command to its end, or starts it when it has none.
    func run(_ command: ShellCommand, _ rule: ShellRule) throws {
        if rule.isEndless { return start(command.text, at: command.place) }
        let process = try process(rule.completed(command.text))
        let code = process.wait(seconds: 60)
        let lines = process.output.value.lines
        guard let code, rule.exitCodes.contains(code) else {
            let end = code.map { "ends with \($0)" } ?? "does not end"
            Issue.record("\(command.place): \(command.text)\n\(end):\n\(lines.joined(separator: "\n"))")
            return
        }
        if let page = command.output, !ShellCommand.matches(lines, page) {
            Issue.record("\(command.place): \(command.text)\nprints:\n\(lines.joined(separator: "\n"))")
        }
    }

    private func start(_ command: String, at place: String) {
        // Stopped by a signal, which a shell in between would keep to itself.
        guard let process = try? process("exec \(command)") else { return }
        endless.append((place, process))
        let isRunning = process.wait { $0.contains { $0.contains("subscribed to") } }
        if !isRunning { Issue.record("\(place): \(command)\n\(process.output.value.lines.joined(separator: "\n"))") }
    }

    /// Stops what runs.
    func end() {
        for (place, process) in endless {
            process.kill(SIGINT)
            #expect(process.wait() == 0, "\(place): \(process.output.value.lines)")
        }
    }
}
