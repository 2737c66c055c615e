// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import PlugTest

/// The Home Assistant add-on: its script with the real program and a Supervisor of a few lines, and its description.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct AddonTests {
    static let folder = DocumentationTests.root.appendingPathComponent("packaging/home-assistant-addon")

    /// What `GET /services/mqtt` answers beside the add-on "Mosquitto broker".
    private static let service = """
        {"result":"ok","data":{"addon":"core_mosquitto","host":"core-mosquitto","port":1883,"ssl":false,\
        "protocol":"3.1.1","username":"addons","password":"made-up \\"secret\\" $HOME"}}
        """

    private struct Run {
        var code: Int32?
        var output: String
        /// What the script wrote for the bridge.
        var configuration: String
        var password: String
        var requests: [String]
    }

    /// - Parameter commands: programs that the script finds before the system's, by name.
    private func run(
        _ options: String, answer: String = service, file: String? = nil, commands: [String: String] = [:],
        ports: [String] = []
    ) throws -> Run {
        let folder = try TemporaryDirectory()
        try folder.write("options.json", options)
        if let file { try folder.write("own.yaml", file) }
        for (name, text) in commands {
            try folder.write("bin-\(name)", "#!/bin/sh\n\(text)\n")
            try FileManager.default.createDirectory(atPath: "\(folder.path)/bin", withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: "\(folder.path)/bin-\(name)", toPath: "\(folder.path)/bin/\(name)")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/bin/\(name)")
        }
        for port in ports { try folder.write(port, "") }
        let supervisor = try FakeHTTPServer { _, send in send(FakeHTTPServer.ok(answer)) }
        let process = try ChildProcess(
            "/usr/bin/env",
            [
                "OPTIONS=\(folder.path)/options.json", "CONFIG=\(folder.path)", "RUNTIME=\(folder.path)/runtime",
                "STATE=\(folder.path)/state", "DEVICES=\(folder.path)",
                "PATH=\(folder.path)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")",
                "SUPERVISOR=http://127.0.0.1:\(supervisor.port)", "SUPERVISOR_TOKEN=made-up-token", "TZ=Europe/Zurich",
                "PROGRAM=\(RunningBridge.program)", Self.folder.appendingPathComponent("run.sh").path, "check",
            ])
        let code = process.wait(seconds: 30)
        let read = { (name: String) in
            (try? String(contentsOfFile: "\(folder.path)/runtime/\(name)", encoding: .utf8)) ?? ""
        }
        return Run(
            code: code, output: process.output.value.lines.joined(separator: "\n"), configuration: read("bridge.yaml"),
            password: read("password"), requests: supervisor.requests.withLock { $0 })
    }

    private static func yaml(_ name: String) throws -> YAMLNode {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return try #require(YAMLLoader.load(text, file: name, problems: ProblemList()))
    }

    private static func text(_ node: YAMLNode?) -> String? {
        guard case .scalar(let text, _)? = node?.content else { return nil }
        return text
    }

    private static func members(_ node: YAMLNode?) -> [String: YAMLNode] {
        guard case .mapping(let members)? = node?.content else { return [:] }
        return Dictionary(members.map { ($0.key, $0.value) }) { $1 }
    }

    @Test func `the options as they come make a configuration without a mistake`() throws {
        let sources = try #require(Self.text(Self.yaml("config.yaml")["options"]?["sources"]))
        let options = try JSONSerialization.data(withJSONObject: ["discovery": true, "sources": sources])
        let result = try run(String(decoding: options, as: UTF8.self))
        #expect(result.code == 0, "\(result.output)")
        #expect(result.output.contains("no mistakes"), "\(result.output)")
        #expect(result.configuration.contains("outputs: [harmonized, home-assistant]"))
        #expect(result.configuration.contains("collector: {adapter: smartmeter-datacollector}"))
        #expect(result.password == #"made-up "secret" $HOME"#)
        #expect(!result.configuration.contains("secret"))
        // The page, for the Supervisor and nobody else, at the port that the description names.
        let port = try #require(Self.text(Self.yaml("config.yaml")["ingress_port"]))
        #expect(result.configuration.contains("http: {listen: \"0.0.0.0:\(port)\", proxy: 172.30.32.2}"))
        #expect(!result.output.contains("everyone who reaches"), "\(result.output)")
        let request = try #require(result.requests.first)
        #expect(request.hasPrefix("GET /services/mqtt "))
        #expect(request.lowercased().contains("authorization: bearer made-up-token"))
    }

    @Test func `every option arrives`() throws {
        let result = try run(
            #"""
            {"discovery":false,"zone":"Europe/Amsterdam","log_level":"debug","broker":"mqtts://10.0.0.5:8883",
             "username":"meters","password":"p","sources":"p1: {adapter: p1, subscribe: p1/+/telegram}\n"}
            """#)
        #expect(result.code == 0, "\(result.output)")
        #expect(result.requests.isEmpty, "nobody is asked for a broker that is known")
        for line in ["outputs: [harmonized]", #"zone: "Europe/Amsterdam""#, "log: {level: debug}"] {
            #expect(result.configuration.contains(line), "\(result.configuration)")
        }
        #expect(result.password == "p")
    }

    /// As root in the image; here the commands that only root may give are made up.
    @Test(
        arguments: [
            ([:], [], "--init-groups"),
            (["ttyUSB0": 20, "ttyACM1": 18, "random": 7], ["ttyUSB0", "ttyACM1", "random"], "--groups 18,20"),
            (["ttyS0": 0], ["ttyS0"], "--init-groups"),
        ] as [([String: Int], [String], String)])
    func `serial ports may be read, whatever group of the host they belong to`(
        groups: [String: Int], ports: [String], arguments: String
    ) throws {
        let cases = groups.map { "*/\($0.key)) echo \($0.value) ;;" }.sorted().joined(separator: " ")
        let result = try run(
            #"{"discovery":true,"broker":"mqtt://10.0.0.5:1883","sources":"plug: {adapter: gplug}\n"}"#,
            commands: [
                "id": "echo 0", "getent": "exit 0", "chown": "exit 0",
                "setpriv": "echo \"$RUNTIME_DIRECTORY\" setpriv \"$@\"",
                "stat": "case \"$3\" in \(cases) *) exit 1 ;; esac",
            ], ports: ports)
        #expect(result.code == 0, "\(result.output)")
        #expect(
            result.output.contains("setpriv --reuid obis-bridge --regid obis-bridge \(arguments) "), "\(result.output)")
        // The next container has to know of a crash: with the history, not in the container.
        #expect(result.output.contains("/state setpriv "), "\(result.output)")
    }

    @Test func `a file of the user's own is checked in place of the options`() throws {
        let documentation = try String(contentsOf: Self.folder.appendingPathComponent("DOCS.md"), encoding: .utf8)
        let block = documentation.components(separatedBy: "```yaml\n")[1].components(separatedBy: "```")[0]
        let result = try run(#"{"discovery":true,"config_file":"own.yaml"}"#, file: block)
        #expect(result.code == 0, "\(result.output)")
        #expect(result.configuration.isEmpty)
    }

    @Test(arguments: [
        (#"{"discovery":true}"#, #"{"result":"error","message":"Service not enabled"}"#, "no MQTT broker"),
        (#"{"discovery":true}"#, "no JSON", "no MQTT broker"),
        (#"{"discovery":true,"config_file":"gone.yaml"}"#, service, "there is no config_file \"gone.yaml\""),
        (#"{"discovery":true,"config_file":"../../etc/passwd"}"#, service, "is outside the folder of this add-on"),
        ("[]", service, "is no JSON object"),
    ]) func `what cannot work is said, and ends with 78`(options: String, answer: String, sentence: String) throws {
        let result = try run(options, answer: answer)
        #expect(result.code == 78)
        #expect(result.output.contains(sentence), "\(result.output)")
    }

    @Test func `a mistake in the sources is shown with its line`() throws {
        let result = try run(#"{"discovery":true,"sources":"plug: {adapter: gplugg}\n"}"#)
        #expect(result.code == 1)
        #expect(result.output.contains(#"did you mean "gplug"?"#), "\(result.output)")
    }

    /// developers.home-assistant.io/docs/add-ons/configuration, of those that this add-on could have.
    private static let documentedKeys: Set<String> = [
        "name", "version", "slug", "description", "arch", "machine", "url", "startup", "webui", "boot", "ports",
        "ports_description", "host_network", "devices", "homeassistant", "hassio_role", "hassio_api",
        "homeassistant_api", "privileged", "apparmor", "map", "environment", "options", "schema", "image", "timeout",
        "tmpfs", "discovery", "services", "auth_api", "ingress", "ingress_port", "uart", "panel_icon", "panel_title",
        "panel_admin", "backup",
        "backup_exclude", "advanced", "stage", "init", "watchdog", "breaking_versions", "ulimits",
    ]

    @Test func `its description has the keys that Home Assistant documents, and no others`() throws {
        let root = try Self.yaml("config.yaml")
        let keys = Set(Self.members(root).keys)
        #expect(keys.subtracting(Self.documentedKeys).isEmpty)
        #expect(keys.isSuperset(of: ["name", "version", "slug", "description", "arch"]))
        let version = try ChildProcess(RunningBridge.program, ["--version"])
        #expect(version.wait() == 0)
        #expect(Self.text(root["version"]) == version.output.value.lines.first)
    }

    @Test func `every option has a type, a text, and a default only where it needs one`() throws {
        let root = try Self.yaml("config.yaml")
        let types = Self.members(root["schema"])
        let texts = Self.members(try Self.yaml("translations/en.yaml")["configuration"])
        #expect(Set(types.keys) == Set(texts.keys))
        #expect(Set(Self.members(root["options"]).keys).isSubset(of: types.keys))
        let type = #/(str|bool|password|url|port|list\([a-z|]+\))\??/#
        for (name, node) in types {
            #expect(try type.wholeMatch(in: Self.text(node) ?? "") != nil, "\(name)")
            #expect(Self.text(texts[name]?["description"])?.isEmpty == false, "\(name)")
        }
    }
}
