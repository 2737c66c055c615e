// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import BridgeConfiguration

/// A password is where it was written, and nowhere else.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct SecretTests {
    private static let secret = "hunter2-and-more"

    private func problems(_ text: String, environment: [String: String] = [:], folder: TemporaryDirectory) throws -> (
        problems: [String], password: String?
    ) {
        let file = try folder.write("bridge.yaml", text)
        chmod(file, 0o600)
        let loader = ConfigurationLoader(environment: environment)
        let loaded = loader.load(path: file)
        let problems = loader.problems.sorted.map { $0.description.replacing("\(folder.path)/", with: "") }
        return (problems, loaded?.input.settings.password)
    }

    private let rest = "\nsources: {gplug: {adapter: gplug, zone: UTC}}\n"

    @Test func `a file, the environment and a systemd credential hold a password`() throws {
        let folder = try TemporaryDirectory()
        chmod(try folder.write("password", "\(Self.secret)\nsecond line\n"), 0o600)
        for text in [
            "broker: {username: u, password_file: password}",
            "broker: {username: u, password: \"${MQTT_PASSWORD}\"}",
            "broker: {username: u, password_file: \"${CREDENTIALS_DIRECTORY:-/etc/obis-bridge}/password\"}",
            "broker: \"mqtt://u:${MQTT_PASSWORD}@localhost\"",
        ] {
            let environment = ["MQTT_PASSWORD": Self.secret, "CREDENTIALS_DIRECTORY": folder.path]
            let (problems, password) = try problems(text + rest, environment: environment, folder: folder)
            #expect(problems.isEmpty, "\(text)")
            #expect(password == Self.secret, "\(text)")
        }
    }

    @Test func `the line end of Windows is no part of a password`() throws {
        let folder = try TemporaryDirectory()
        chmod(try folder.write("password", "\(Self.secret)\r\n"), 0o600)
        let (_, password) = try problems("broker: {username: u, password_file: password}" + rest, folder: folder)
        #expect(password == Self.secret)
    }

    @Test func `a password file in another encoding is a mistake`() throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("password", "")
        try Data([0x6D, 0xFC, 0x6C]).write(to: URL(fileURLWithPath: file))
        chmod(file, 0o600)
        let (found, _) = try problems("broker: {username: u, password_file: password}" + rest, folder: folder)
        #expect(found == ["bridge.yaml:1:38: error: cannot read password_file \"password\": not text in UTF-8"])
    }

    @Test(arguments: ["", "\n", "\n\(secret)\n"])
    func `a password file whose first line is empty is a mistake`(content: String) throws {
        let folder = try TemporaryDirectory()
        chmod(try folder.write("password", content), 0o600)
        let (found, _) = try problems("broker: {username: u, password_file: password}" + rest, folder: folder)
        #expect(found == ["bridge.yaml:1:38: error: the first line of password is empty"])
    }

    @Test func `a password in the file and in another one is a mistake`() throws {
        let folder = try TemporaryDirectory()
        chmod(try folder.write("password", "\(Self.secret)\n"), 0o600)
        let (found, _) = try problems(
            "broker: {username: u, password_file: password, password: x}" + rest, folder: folder)
        #expect(found == [#"bridge.yaml:1:23: error: write "password" or "password_file", not both"#])
    }

    @Test func `a file that everybody can read is warned of, whichever it is`() throws {
        let folder = try TemporaryDirectory()
        let password = try folder.write("password", "\(Self.secret)\n")
        chmod(password, 0o644)
        let (warned, value) = try problems(
            "broker: {username: u, password_file: password}" + rest, folder: folder)
        #expect(value == Self.secret)
        #expect(warned == ["bridge.yaml:1:38: warning: everybody on this computer can read password: chmod 600"])
        chmod(password, 0o640)
        #expect(try problems("broker: {username: u, password_file: password}" + rest, folder: folder).problems.isEmpty)

        let file = try folder.write("open.yaml", "broker: {username: u, password: \(Self.secret)}" + rest)
        chmod(file, 0o644)
        let loader = ConfigurationLoader(environment: [:])
        #expect(loader.load(path: file) != nil)
        let warning =
            "open.yaml:1:33: warning: everybody on this computer can read open.yaml and the password in it: chmod 600"
        #expect(loader.problems.sorted.map { $0.description.replacing("\(folder.path)/", with: "") } == [warning])
    }

    @Test func `a file that everybody can read and that has no password is nobody's business`() throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("open.yaml", "broker: {username: u, password: \"${MQTT_PASSWORD}\"}" + rest)
        chmod(file, 0o644)
        let loader = ConfigurationLoader(environment: ["MQTT_PASSWORD": Self.secret])
        #expect(loader.load(path: file) != nil)
        #expect(loader.problems.sorted.isEmpty)
    }

    @Test(arguments: [
        "broker: \"http://u:hunter2-and-more@localhost\"", "broker: \"mqtt://u:hunter2-and-more@\"",
        "broker: {url: \"mqtt://u:hunter2-and-more@local host\"}",
        "broker: {username: u, password: [hunter2-and-more]}",
    ]) func `a mistake in a line with a password does not repeat it`(text: String) throws {
        let (problems, _) = try problems(text + rest, folder: try TemporaryDirectory())
        #expect(!problems.isEmpty)
        #expect(!problems.contains { $0.contains(Self.secret) }, "\(problems)")
    }

    @Test func `a password on the command line is refused`() throws {
        // Another one than that of the test below, which looks at every process of this computer.
        let secret = "hunter3-and-less"
        let discover = try ChildProcess(
            RunningBridge.program, ["discover", "--broker", "mqtt://u:\(secret)@localhost", "--for", "1s"])
        #expect(discover.wait() == 64)
        let output = discover.output.value.lines.joined(separator: "\n")
        #expect(output.contains("OBIS_BRIDGE_PASSWORD"), "\(output)")
        #expect(!output.contains(secret))
    }

    @Test func `neither the log nor any topic nor the process list has the password`() throws {
        let broker = try MosquittoBroker(.init(users: ["u": Self.secret, "watcher": "watcher"]))
        let watcher = try MosquittoSub(port: broker.port, topics: ["#"], arguments: ["-u", "watcher", "-P", "watcher"])
        let bridge = try RunningBridge(
            """
            bridge: home
            broker: {url: "mqtt://localhost:\(broker.port)", username: u, password: \(Self.secret)}
            zone: UTC
            sources: {gplug: {adapter: gplug, labels: gplug-d}}
            log: {level: debug}
            """)
        #expect(watcher.wait { $0.contains { $0.hasPrefix("harmonized/v1/bridge/home/info ") } })
        // A password that is wrong all of a sudden makes the longest sentences.
        try mosquittoPub(
            port: broker.port, topic: "tele/x/SENSOR", payload: "{", arguments: ["-u", "watcher", "-P", "watcher"])
        #expect(watcher.wait { $0.contains { $0.contains("/reject ") } })
        for folder in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(folder) != nil {
            guard let line = FileManager.default.contents(atPath: "/proc/\(folder)/cmdline") else { continue }
            let words = String(decoding: line, as: UTF8.self)
            #expect(!(words.contains("obis-bridge") && words.contains(Self.secret)))
        }
        #expect(bridge.stop() == 0)
        #expect(!bridge.log.contains(Self.secret))
        #expect(!watcher.messages.contains { $0.contains(Self.secret) })
    }

    @Test func `check shows who logs in and not with what`() throws {
        let folder = try TemporaryDirectory()
        chmod(try folder.write("bridge.yaml", "broker: {username: u, password: \(Self.secret)}" + rest), 0o600)
        for arguments in [["check"], ["check", "--print-profile"]] {
            let check = try ChildProcess(RunningBridge.program, arguments + ["--config", "\(folder.path)/bridge.yaml"])
            #expect(check.wait() == 0)
            #expect(!check.output.value.lines.contains { $0.contains(Self.secret) })
        }
    }
}
