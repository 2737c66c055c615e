// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// README and getting started as a newcomer follows them: a fresh folder, a broker and a reader, and no program but what the page
/// installed in a line above.
@Suite(.serialized, .timeLimit(.minutes(10 * Patience.factor))) struct FirstMinutesTests {
    static let pages = DocumentationPage.all.filter { page in
        page.path == "README.md"
            || page.path.hasPrefix("docs/getting-started/") && page.path != "docs/getting-started/README.md"
    }

    @Test(arguments: pages) func `what a page says works in its order with only what it installed`(
        page: DocumentationPage
    ) throws {
        let newcomer = try Newcomer(page)
        for block in page.blocks {
            if let file = block.file {
                try newcomer.folder.write(file, newcomer.adapted(block.text))
            } else if ["sh", "console"].contains(block.language) {
                for command in ShellCommand.commands(of: block) { try newcomer.type(command) }
            }
        }
        newcomer.end()
        #expect(newcomer.count >= 3)
    }

    @Test func `a page begins with installing and ends in the Energy dashboard`() throws {
        for page in Self.pages where page.path != "README.md" {
            let text = try String(contentsOf: DocumentationPage.root.appendingPathComponent(page.path), encoding: .utf8)
            let headings = text.split(separator: "\n").filter { $0.hasPrefix("## ") }
            #expect(headings.first == "## 1. Install", "\(page.path)")
            #expect(headings.contains("## 5. Home Assistant and the Energy dashboard"), "\(page.path)")
            #expect(text.contains("password_file: password"), "\(page.path)")
        }
    }

    @Test func `the README fits on 120 lines`() throws {
        let url = DocumentationPage.root.appendingPathComponent("README.md")
        let lines = try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 121)
    }
}

/// Somebody who types what a page says.
private final class Newcomer {
    let folder: TemporaryDirectory
    /// Commands that were run.
    private(set) var count = 0
    private let broker: MosquittoBroker
    private var reader: ChildProcess?
    private var bridge: (place: String, process: ChildProcess)?
    /// The package starts the service.
    private var isServiceRunning = false

    /// What every Debian has.
    private static let tools = ["sh", "bash", "cat", "grep", "chmod", "sleep", "env", "head"]
    private static let password = "a new password"

    init(_ page: DocumentationPage) throws {
        folder = try TemporaryDirectory()
        // The page gives the bridge a login, or has a broker without any.
        let hasLogin = page.blocks.contains { $0.text.contains("mosquitto_passwd") }
        broker = try MosquittoBroker(.init(users: hasLogin ? ["obis-bridge": Self.password] : [:]))
        let manager = FileManager.default
        for name in ["bin", "Scripts"] {
            try manager.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        for tool in Self.tools {
            let path = ["/usr/bin", "/bin"].map { "\($0)/\(tool)" }.first { manager.fileExists(atPath: $0) }
            try manager.createSymbolicLink(atPath: "\(folder.path)/bin/\(tool)", withDestinationPath: path ?? "")
        }
        try startReader(page, arguments: hasLogin ? ["-u", "obis-bridge", "-P", "'\(Self.password)'"] : [])
    }

    private func startReader(_ page: DocumentationPage, arguments: [String]) throws {
        var messages = [
            (
                topic: "tele/gPlug11/SENSOR",
                payload:
                    #"{"Time":"2026-11-20T23:40:00","z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"Ei1":1234.567}}"#
            )
        ]
        if let configuration = page.blocks.first(where: { $0.file == "bridge.yaml" }), page.path != "README.md",
            let sent = page.blocks.first(where: { $0.language == "text" })
        {
            let scratch = try TemporaryDirectory()
            try scratch.write("password", "x\n")
            for block in page.blocks where block.file != nil { try scratch.write(block.file ?? "", block.text) }
            let settings = try SourcePagesTests.settings(configuration.text, in: scratch)
            messages = SourcePagesTests.messages(in: sent.text, for: settings.sources)
        }
        var loop = ""
        for (index, message) in messages.enumerated() {
            let file = try folder.write(".message.\(index)", message.payload)
            let login = arguments.joined(separator: " ")
            loop += "mosquitto_pub -h 127.0.0.1 -p \(broker.port) \(login) -t '\(message.topic)' -f \(file); "
        }
        reader = try ChildProcess("sh", ["-c", "while :; do \(loop) sleep 0.3; done"])
    }

    /// A text of the page with this broker's address and shorter waits.
    func adapted(_ text: String) -> String {
        text.replacing("mqtt://localhost", with: "mqtt://127.0.0.1:\(broker.port)")
            .replacing("broker: {username:", with: "broker: {url: \"mqtt://127.0.0.1:\(broker.port)\", username:")
            .replacing(/--for [0-9]+[smhd]/, with: "--for 3s")
    }

    // MARK: - Typing

    func type(_ command: ShellCommand) throws {
        let text = command.text
        if text.hasPrefix("sudo ") || text.hasPrefix("journalctl ") || text.hasPrefix("Scripts/") {
            return try administer(command)
        }
        count += 1
        let program = String(text.prefix { $0 != " " })
        if program == "obis-bridge" || program.hasPrefix("mosquitto_") {
            #expect(
                FileManager.default.fileExists(atPath: "\(folder.path)/bin/\(program)"),
                "\(command.place): \(program) is not installed by a line above")
        }
        if text.hasPrefix("obis-bridge run") {
            #expect(!isServiceRunning, "\(command.place): beside the service it ends with 79")
            return start(command)
        }
        let process = try process(completed(text))
        let code = process.wait(seconds: 60)
        let lines = process.output.value.lines
        if code != 0 {
            Issue.record("\(command.place): \(text)\nends with \(code ?? -1):\n\(lines.joined(separator: "\n"))")
        }
        if let page = command.output, !ShellCommand.matches(lines, page) {
            Issue.record("\(command.place): \(text)\nprints:\n\(lines.joined(separator: "\n"))")
        }
    }

    /// The commands that find this test's broker, and wait for less long.
    private func completed(_ text: String) -> String {
        var text = text
        for name in ["setup", "discover"] where text.hasPrefix("obis-bridge \(name)") && !text.contains("--broker") {
            text += " --broker mqtt://localhost" + (text.contains("--for") ? "" : " --for 3s")
        }
        if text.hasPrefix("obis-bridge check"), text.contains("--connect") { text += " --for 3s" }
        return text
    }

    /// What changes the system is not done, but what it brings is there from now on, and what it names has to exist.
    private func administer(_ command: ShellCommand) throws {
        let words = command.text.split(separator: "#")[0].split(separator: " ").map(String.init)
        let manager = FileManager.default
        func isInstalled(_ name: String) -> Bool { manager.fileExists(atPath: "\(folder.path)/bin/\(name)") }
        switch words[0] {
        case "Scripts/run":
            try script("Scripts/run", "exec \(RunningBridge.program) \"$@\"")
        case "Scripts/package":
            try manager.createDirectory(atPath: "\(folder.path)/packages", withIntermediateDirectories: true)
            try folder.write("packages/obis-bridge_0_amd64.deb", "")
        case "journalctl":
            #expect(isInstalled("obis-bridge"), "\(command.place)")
        default:
            if words[1] == "apt" {
                if words.contains(where: { $0.hasPrefix("./packages/obis-bridge_") }) {
                    #expect(
                        manager.fileExists(atPath: "\(folder.path)/packages"), "\(command.place): nothing was built")
                    try script("bin/obis-bridge", "exec \(RunningBridge.program) \"$@\"")
                    isServiceRunning = true
                }
                if words.contains("mosquitto-clients") {
                    let place = "-h 127.0.0.1 -p \(broker.port)"
                    try script("bin/mosquitto_sub", "exec /usr/bin/mosquitto_sub \(place) -W 20 -C 1 \"$@\"")
                    try script("bin/mosquitto_pub", "exec /usr/bin/mosquitto_pub \(place) \"$@\"")
                }
            } else if words[1] == "systemctl", words.last == "obis-bridge" {
                #expect(isInstalled("obis-bridge"), "\(command.place)")
                isServiceRunning = words[2] != "stop"
            } else if words[1] == "install" {
                for name in words.dropFirst(2).dropLast()
                where !name.hasPrefix("-") && !["640", "obis-bridge"].contains(name) {
                    #expect(
                        manager.fileExists(atPath: "\(folder.path)/\(name)"), "\(command.place): there is no \(name)")
                }
            } else if words[1] == "mosquitto_passwd" {
                #expect(command.text.contains("'\(Self.password)'"), "\(command.place)")
            }
        }
    }

    private func script(_ name: String, _ text: String) throws {
        let path = try folder.write(name, "#!/bin/sh\n\(text)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private func process(_ command: String) throws -> ChildProcess {
        try ChildProcess(
            "/usr/bin/env",
            [
                "-i", "-C", folder.path, "PATH=\(folder.path)/bin", "HOME=\(folder.path)", "bash", "-o", "pipefail",
                "-c",
                adapted(command),
            ])
    }

    private func start(_ command: ShellCommand) {
        guard let process = try? process("exec \(command.text)") else { return }
        bridge = (command.place, process)
        let isRunning = process.wait { $0.contains { $0.contains("subscribed to") } }
        if !isRunning {
            Issue.record("\(command.place): \(command.text)\n\(process.output.value.lines.joined(separator: "\n"))")
        }
    }

    func end() {
        reader = nil
        guard let (place, process) = bridge else { return }
        process.kill(SIGINT)
        #expect(process.wait() == 0, "\(place): \(process.output.value.lines)")
    }
}
