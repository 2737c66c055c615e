// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Page
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime
@testable import PlugTest
@testable import Web

/// What people try on the page: it saves nothing, shows no secret, and reads no file that the bridge does not read already.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct DeskTests {
    private let directory: TemporaryDirectory
    private let text = """
        bridge: test
        broker: {url: "mqtt://reader:hunter22@localhost", username: anna, password: "s3cret, word"}
        zone: UTC
        sources:
          g: {adapter: gplug, labels: gplug-d, subscribe: tele/g/SENSOR, meter: house}
        meters:
          house: {name: House}

        """

    init() throws { directory = try TemporaryDirectory() }

    private func configuration(_ text: String) throws -> Configuration {
        let path = try directory.write("bridge.yaml", text)
        return try #require(ConfigurationLoader(environment: [:]).load(path: path))
    }

    private func message(_ payload: String, at seconds: Int64 = 0) -> RawMessage {
        RawMessage(
            topic: "tele/g/SENSOR", payload: Array(payload.utf8), isRetained: false,
            received: Timestamp(seconds: 1_795_217_228 + seconds))
    }

    private func check(
        _ changed: String, instead text: String, messages: [RawMessage] = [], environment: [String: String] = [:]
    ) throws -> [String: Any] {
        let bytes = ConfigurationDesk(environment: environment).check(
            changed, instead: try configuration(text), messages: messages)
        return try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    private func sentences(_ answer: [String: Any]) -> [String] {
        problems(answer).compactMap { $0["message"] as? String }
    }

    /// Without advice: the test's file is open to all.
    private func problems(_ answer: [String: Any]) -> [[String: Any]] {
        (answer["problems"] as? [[String: Any]] ?? []).filter { $0["warning"] as? Bool == false }
    }

    // MARK: - Secrets

    @Test(arguments: [
        ("password: hunter22", "hunter22"), ("  password: \"a: b, c\" # x", "a: b"),
        ("{token: abc123, x: 1}", "abc123"),
        ("decryption_key: 00112233445566778899aabbccddeeff", "0011"),
        ("url: mqtts://anna:s3cret@broker.example", "s3cret"),
        ("headers: {Authorization: \"Bearer xyz\"}", "xyz"), ("'password': 'it''s'", "it"),
        ("PASSWORD: Hunter22", "Hunter22"), ("password: |\n  hunter22", "hunter22"),
        ("password:\n  hunter22", "hunter22"), ("password: >-\n  a b\n  hunter22", "hunter22"),
        ("x: &word hunter22\npassword: *word", "hunter22"), ("headers: {X-Mine: hunter22, b: c}", "hunter22"),
        ("url: \"http://reader/api?a=b&token=hunter22\"", "hunter22"),
        ("keys: {a: {key: [hunter22, z]}}", "hunter22"), ("password: secret", ": secret"),
    ])
    func `a secret is masked, and comes back in its place`(line: String, secret: String) {
        let masked = MaskedText("bridge: a\n\(line)\n")
        #expect(!masked.text.contains(secret), "\(masked.text)")
        #expect(masked.restored(masked.text) == "bridge: a\n\(line)\n")
    }

    @Test(arguments: [
        "password_file: /run/secret", "password: ${MQTT_PASSWORD}", "username: anna", "meters:", "  key:",
    ])
    func `what is no secret stays`(line: String) { #expect(MaskedText(line).text == line) }

    @Test func `a word of a secret stays where it is none`() {
        let text = "password: \"my house\"\nmeters: {house: {name: house}}"
        #expect(MaskedText(text).text.hasSuffix("\nmeters: {house: {name: house}}"))
    }

    @Test func `twelve secrets keep their places`() {
        let text = (1...12).map { "password: word\($0)" }.joined(separator: "\n")
        let masked = MaskedText(text)
        #expect(!masked.text.contains(": word"))
        #expect(masked.restored(masked.text) == text)
    }

    @Test func `the configuration is shown without its secrets, and the profile with its places`() throws {
        let own = text + "profile: {extends: harmonized, provenance: full}\n"
        let glance = ConfigurationDesk(environment: [:]).glance(try configuration(own), messages: [])
        let shown = try #require(glance.text)
        #expect(!shown.contains("s3cret") && !shown.contains("hunter22") && shown.contains("anna"))
        let profile = try #require(glance.profile)
        #expect(profile["provenance"]?.mark.lineReference.hasSuffix("bridge.yaml:8") == true)
        #expect(profile["schema"]?.mark.file == "harmonized.yaml")
    }

    @Test func `a mistake never shows a secret`() throws {
        let keyed = text.replacing("meter: house}", with: "meter: house, decryption_key: 0011223344}")
        let masked = MaskedText(keyed).text
        let answer = try check(masked.replacing("adapter: gplug, labels: gplug-d", with: "adapter: p1"), instead: text)
        #expect(!"\(answer)".contains("0011223344"))
    }

    // MARK: - Checking

    @Test func `a mistake is told with its place`() throws {
        let answer = try check(MaskedText(text).text.replacing("labels:", with: "lables:"), instead: text)
        let problem = try #require(problems(answer).first)
        #expect(problem["line"] as? Int == 5)
        #expect(problem["file"] == nil)
        #expect((problem["message"] as? String)?.contains("did you mean \"labels\"") == true)
        #expect(answer["preview"] == nil)
    }

    @Test func `no other file is read than those of the configuration in force`() throws {
        let secret = try directory.write("other.yaml", "name: top-secret-word\nregisters: 5\n")
        for line in ["profile: \(secret)", "meters_file: \(secret)", "profile: other.yaml", "meters_file: /etc/passwd"]
        {
            let answer = try check(text + line + "\n", instead: text)
            #expect(!sentences(answer).isEmpty, "\(line)")
            #expect(!"\(answer)".contains("top-secret-word") && !"\(answer)".contains("root:"), "\(answer)")
        }
        let named = text + "profile: {extends: other.yaml}\n"
        _ = try directory.write("other.yaml", "name: mine\n")
        #expect(try sentences(check(named, instead: named)).isEmpty)
    }

    @Test func `no other variable is read than those of the configuration in force`() throws {
        let changed = text.replacing("name: House", with: "name: \"${SECRET_WORD}\"")
        let variables = ["SECRET_WORD": "xyzzy"]
        let messages = [message("{\"z\":{\"Pi\":0.5}}")]
        let answer = try check(changed, instead: text, messages: messages, environment: variables)
        #expect(!"\(answer)".contains("xyzzy"))
        let known = try check(changed, instead: changed, messages: messages, environment: variables)
        #expect(sentences(known).isEmpty)
    }

    @Test func `the preview shows what would be published otherwise`() throws {
        let messages = (0..<5).map { message("{\"z\":{\"Pi\":0.\($0)5,\"Ei\":12.5}}", at: 10 * Int64($0)) }
        let same = try check(MaskedText(text).text, instead: text, messages: messages)
        #expect(sentences(same).isEmpty)
        #expect(((same["preview"] as? [String: Any])?["changes"] as? [Any])?.isEmpty == true)
        #expect((same["preview"] as? [String: Any])?["count"] as? Int == 5)
        let other = try check(
            MaskedText(text).text.replacing("{name: House}", with: "{name: Villa}"), instead: text, messages: messages)
        let changes = try #require((other["preview"] as? [String: Any])?["changes"] as? [[String: Any]])
        #expect(changes.count == 5)
        #expect("\(changes[0]["after"] ?? "")".contains("Villa") && "\(changes[0]["before"] ?? "")".contains("House"))
    }

    // MARK: - The plug-test

    @Test func `a plug-test judges what the bridge takes, and gives report and recording`() async throws {
        let tap = MessageTap()
        let desk = PlugTestDesk(tap: tap)
        #expect(await desk.glance.started == nil)
        #expect(await desk.file("recording.jsonl") == nil)
        await desk.start(try configuration(text))
        for second in 0..<30 { tap.note(message("{\"z\":{\"Pi\":0.5,\"Ei\":12.5}}", at: Int64(second) * 10)) }
        let glance = await desk.glance
        #expect(glance.isRunning && glance.messages == 30)
        #expect(glance.rows.map(\.name) == ["g"])
        #expect(glance.columns.count == glance.rows.first?.cells.count)
        let recording = try #require(await desk.file("recording.jsonl"))
        #expect(try RecordedTraffic(Data(recording.bytes)).messages.count == 30)
        let html = try #require(await desk.file("report.html"))
        #expect(String(decoding: html.bytes, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
        #expect(await desk.file("../report.html") == nil)
        await desk.stop()
        tap.note(message("{}"))
        #expect(await desk.glance.messages == 30)
        #expect(await !desk.glance.isRunning)
    }
}
