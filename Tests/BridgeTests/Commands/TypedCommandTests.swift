// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Commands as a person types them: in a folder, on a terminal, without the options that a script would write.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct TypedCommandTests {
    /// Runs the program in a folder; on a terminal of 100 columns where a person looks at it.
    private func type(
        _ arguments: [String], in folder: TemporaryDirectory, onTerminal: Bool = false, redirection: String = "",
        input: String? = nil
    ) throws -> (code: Int32?, lines: [String]) {
        let words = ([RunningBridge.program] + arguments).map { "'\($0)'" }.joined(separator: " ") + " \(redirection)"
        let command = onTerminal ? "script -qec \"stty rows 40 cols 100; \(words)\" /dev/null" : words
        let process = try ChildProcess(
            "/usr/bin/env", ["-C", folder.path, "NO_COLOR=1", "sh", "-c", command], input: input.map { Array($0.utf8) })
        let code = process.wait(seconds: 60)
        return (code, process.output.value.lines.map { $0.replacing("\r", with: "") })
    }

    private let payload = #"{"Time":"2021-09-24T17:56:38","z":{"Pi":0}}"#

    // MARK: - convert

    @Test func `convert shows people values and a pipe JSON`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("payload.json", payload)
        let options = ["convert", "--adapter", "gplug", "--zone", "Europe/Zurich", "payload.json"]
        let person = try type(options, in: folder, onTerminal: true)
        #expect(person.code == 0)
        #expect(person.lines.contains("            1-0:1.7.0 power_import 0 W"), "\(person.lines)")
        #expect(person.lines.contains { $0.contains("2021-09-24T15:56:38Z") })
        #expect(person.lines.allSatisfy { !$0.contains("{") }, "\(person.lines)")
        let pipe = try type(options, in: folder, redirection: "2>/dev/null")
        #expect(pipe.lines.allSatisfy { $0.hasPrefix(#"{"topic":"#) }, "\(pipe.lines)")
        let asked = try type(options + ["--json"], in: folder, onTerminal: true, redirection: "2>/dev/null")
        #expect(asked.lines.allSatisfy { $0.hasPrefix(#"{"topic":"#) }, "\(asked.lines)")
    }

    @Test func `files of the command line are looked for in the working directory`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("mine.yaml", "description: mine\nlabels:\n  Pi: 1-0:1.7.0 W\n")
        try folder.write("payload.json", #"{"z":{"Pi":7}}"#)
        let labels = try type(
            ["convert", "--adapter", "gplug", "--labels", "mine.yaml", "--zone", "UTC", "payload.json"], in: folder)
        #expect(labels.code == 0 && labels.lines.contains { $0.contains("/obis/1-0:1.7.0") }, "\(labels.lines)")
        try folder.write("fields.yaml", "fields:\n  /p: 1-0:1.7.0 W\n")
        try folder.write("reader.json", #"{"p":8}"#)
        let mapping = try type(
            ["convert", "--adapter", "json", "--mapping", "fields.yaml", "--topic", "a/b", "reader.json"], in: folder)
        #expect(mapping.code == 0 && mapping.lines.contains { $0.contains("/obis/1-0:1.7.0") }, "\(mapping.lines)")
    }

    @Test func `a payload of another reader is told which adapter it looks like`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("telegram.txt", P1Sample.lines.joined(separator: "\r\n") + "\r\n")
        let wrong = try type(["convert", "--adapter", "gplug", "--zone", "UTC", "telegram.txt"], in: folder)
        #expect(wrong.code == 1)
        #expect(
            wrong.lines.contains(#"this payload looks like the adapter p1: write "--adapter p1""#), "\(wrong.lines)")
        let right = try type(["convert", "--adapter", "p1", "--zone", "UTC", "telegram.txt"], in: folder)
        #expect(right.code == 0 && right.lines.allSatisfy { !$0.contains("looks like") })
    }

    // MARK: - Which configuration

    @Test(arguments: [["run"], ["check"], ["watch", "--once"], ["accept", "house"]])
    func `a command without a configuration says what to type`(arguments: [String]) throws {
        let folder = try TemporaryDirectory()
        let (code, lines) = try type(arguments, in: folder)
        #expect(code == (arguments[0] == "run" ? 78 : 1))
        #expect(
            lines.contains {
                $0.contains("there is no bridge.yaml in this folder") && $0.contains("--config FILE")
                    && $0.contains("obis-bridge setup")
            }, "\(lines)")
    }

    @Test func `run and check find bridge.yaml in their folder`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            "bridge: here\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\nsources: {gplug: {adapter: gplug}}\n")
        #expect(try type(["check"], in: folder).lines.contains("bridge.yaml: no mistakes"))
        let run = try ChildProcess("/usr/bin/env", ["-C", folder.path, RunningBridge.program, "run"])
        #expect(run.wait { $0.contains { $0.contains("subscribed to") } }, "\(run.output.value.lines)")
        #expect(run.output.value.lines.contains { $0.hasSuffix("configuration bridge.yaml") })
        run.kill(SIGTERM)
        #expect(run.wait() == 0)
    }

    // MARK: - discover

    @Test func `discover needs nothing but a broker`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", "broker: mqtt://localhost:\(broker.port)\n")
        try mosquittoPub(port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":{"Pi":12}}"#, retain: true)
        let (code, lines) = try type(
            ["discover", "--config", "bridge.yaml", "--for", "1s", "--wait", "0s"], in: folder)
        #expect(code == 0, "\(lines)")
        #expect(lines.contains("  gplug10: {adapter: gplug, subscribe: tele/gPlug10/SENSOR}"), "\(lines)")
        // A bridge without sources would read nothing.
        #expect(try type(["check"], in: folder).code == 1)
    }

    // MARK: - demo

    /// Without the times in it, which are those of the moment.
    private static func timeless(_ line: String) -> String {
        line.replacing(/[0-9]{4}-[0-9-]*T[0-9:]*Z?|"timest.*/, with: "")
    }

    @Test func `the demo names registers and ends with what comes next`() throws {
        let folder = try TemporaryDirectory()
        let (code, lines) = try type(["demo", "--for", "5"], in: folder, onTerminal: true)
        #expect(code == 0)
        #expect(lines.contains { $0.contains("1-0:13.7.0 power_factor 0.941") }, "\(lines)")
        #expect(lines.allSatisfy { !$0.contains("0.941 1") && $0.count <= 100 }, "\(lines)")
        // The first thing that a newcomer can click.
        #expect(lines.first?.contains(/^The page: http:\/\/127\.0\.0\.1:80[0-9]{2}\/$/) == true, "\(lines.prefix(2))")
        #expect(lines.contains("It takes 5 seconds; Ctrl-C ends it sooner."))
        #expect(
            lines.contains { $0.contains("readings of 4 meters. Repaired: id.placeholder 1 (") }, "\(lines.suffix(8))")
        #expect(
            lines.suffix(3).map { $0.split(separator: " ")[1] } == ["discover", "setup", "run"], "\(lines.suffix(4))")
        // The picture in the README shows nothing else.
        let picture = try String(
            contentsOf: DocumentationPage.root.appendingPathComponent("docs/demo.svg"), encoding: .utf8)
        let shown = picture.matches(of: /<text[^>]*>(.*?)<\/text>/).map { match in
            String(match.output.1).replacing(/<[^>]*>/, with: "").replacing("&gt;", with: ">").replacing(
                "&quot;", with: "\"")
        }
        let timeless = Set(lines.map { Self.timeless($0) })
        #expect(shown.count > 15)
        for line in shown.dropFirst() {
            #expect(timeless.contains(Self.timeless(line)), "\(line)")
        }
    }

    // MARK: - setup

    @Test func `setup writes a configuration that works`() throws {
        let broker = try MosquittoBroker(.init(users: ["obis-bridge": "se cret"]))
        let folder = try TemporaryDirectory()
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug11/SENSOR",
            payload: #"{"z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"P1i":120,"P2i":92,"P3i":200,"V1":229.1,"#
                + #""V2":229.5,"V3":229.1,"Ei":25149.419,"Eo":118.025}}"#,
            retain: true, arguments: ["-u", "obis-bridge", "-P", "se cret"])
        // The broker, then no name at first, then name and password, Home Assistant, and yes.
        let answers = "mqtt://localhost:\(broker.port)\nobis-bridge\nse cret\n\n\n"
        let (code, lines) = try type(["setup", "--for", "2s"], in: folder, input: answers)
        #expect(code == 0, "\(lines)")
        #expect(lines.contains { $0.contains("1-0:1.8.0 energy_import 25149.419 kWh") }, "\(lines)")
        #expect(lines.contains { $0.hasSuffix("bridge.yaml: written, no mistakes") }, "\(lines)")
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/password")[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
        let written = try String(contentsOfFile: "\(folder.path)/bridge.yaml", encoding: .utf8)
        #expect(!written.contains("se cret"))
        #expect(written.contains("outputs: [harmonized, home-assistant]"))
        let check = try type(["check", "--connect", "--for", "1s"], in: folder)
        #expect(check.lines.contains { $0.contains("connected to localhost:\(broker.port) as \"obis-bridge\"") })
        let again = try type(["setup", "--for", "1s", "--yes"], in: folder)
        #expect(
            again.code == 1
                && again.lines == ["bridge.yaml exists already: name another file with --config, or edit it"])
    }

    @Test func `setup writes nothing where nothing sends, or where nobody says yes`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let url = "mqtt://localhost:\(broker.port)"
        let silent = try type(["setup", "--broker", url, "--for", "1s", "--yes"], in: folder)
        #expect(silent.code == 1 && silent.lines.contains { $0.contains("docs/countries") }, "\(silent.lines)")
        try mosquittoPub(port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":{"Pi":12}}"#, retain: true)
        let refused = try type(["setup", "--broker", url, "--for", "1s"], in: folder, input: "n\nn\n")
        #expect(
            refused.code == 1 && refused.lines.contains { $0.hasSuffix("Nothing was written.") }, "\(refused.lines)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        let gone = try type(["setup", "--broker", "mqtt://localhost:1", "--yes"], in: folder)
        #expect(gone.code == 69, "\(gone.lines)")
    }
}
