// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import Machine

/// What a command says when the broker lets nobody in: the next thing to type.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct LoginAdviceTests {
    static let commands = [
        ["discover", "--for", "1s"], ["record", "-", "--topic", "#", "--for", "1s"], ["watch", "--once"],
    ]

    private func refused(
        _ command: [String], user: String?, password: String?, _ broker: MosquittoBroker
    ) throws -> String {
        let place = "\(user.map { "\($0)@" } ?? "")localhost:\(broker.port)"
        let variables = password.map { ["OBIS_BRIDGE_PASSWORD=\($0)"] } ?? []
        let process = try ChildProcess(
            "/usr/bin/env", variables + [RunningBridge.program] + command + ["--broker", "mqtt://\(place)"])
        #expect(process.wait(seconds: 30) == 69)
        return process.output.value.lines.last { $0.contains("not authorised") } ?? ""
    }

    @Test(arguments: commands) func `a broker by its address says what to type`(command: [String]) throws {
        let broker = try MosquittoBroker(.init(users: ["u": "right"]))
        #expect(
            try refused(command, user: nil, password: nil, broker)
                == "not authorised without a username: write --broker mqtt://USER@localhost:\(broker.port), with the password in "
                + "OBIS_BRIDGE_PASSWORD, or --config FILE")
        #expect(
            try refused(command, user: "u", password: nil, broker)
                == "not authorised as \"u\": set OBIS_BRIDGE_PASSWORD to the password, or name a configuration with "
                + "--config FILE")
        #expect(
            try refused(command, user: "u", password: "wrong", broker)
                == "not authorised as \"u\": check the name in --broker and the password in OBIS_BRIDGE_PASSWORD")
    }

    private func configuration(_ text: String) throws -> Configuration {
        let loader = ConfigurationLoader(environment: [:])
        let loaded = loader.load(
            text + "\nzone: UTC\nsources: {gplug: {adapter: gplug}}\n", file: "bridge.yaml")
        return try #require(loaded, "\(loader.problems.sorted)")
    }

    @Test func `the broker that refused is the one whose line is named`() throws {
        let two = try configuration(
            "broker: {url: mqtt://a, username: reader}\noutput_broker: {url: mqtt://b, username: writer}")
        #expect(
            two.sentence(.notAuthorised(username: "reader"))
                == "not authorised as \"reader\": check username (bridge.yaml:1)")
        #expect(
            two.sentence(.notAuthorised(username: "writer"))
                == "not authorised as \"writer\": check username (bridge.yaml:2)")
        let same = try configuration(
            "broker: {url: mqtt://a, username: u}\noutput_broker: {url: mqtt://b, username: u}")
        #expect(
            same.sentence(.notAuthorised(username: "u"))
                == "not authorised as \"u\": check username (bridge.yaml:1), or check username (bridge.yaml:2)")
        #expect(two.sentence(.speaksTLS(address: "a:1883")) == "a:1883 speaks TLS: write mqtts:// in the broker url")
    }

    @Test func `the session that was taken is looked for at its own broker`() throws {
        let two = try configuration("broker: mqtt://a\noutput_broker: {url: mqtt://b, client_id: mine}")
        #expect(
            two.sentence(.sessionTakenOver(clientID: "mine")).hasSuffix(
                "Two on one broker need a \"client_id\" in output_broker (bridge.yaml:2) and a \"bridge\" of their own")
        )
        // Without a client id in the configuration the bridge's name tells the sessions apart.
        #expect(
            two.sentence(.sessionTakenOver(clientID: two.input.clientID)).hasSuffix(
                "Two on one broker need a \"bridge\" of their own: this one is \"\(two.bridge)\""))
    }

    @Test(arguments: [
        ("bridge.yaml", "bridge.yaml"), ("/a b/c.yaml", "'/a b/c.yaml'"), ("it's", #"'it'\''s'"#), ("", "''"),
        ("$HOME/x", "'$HOME/x'"),
    ]) func `a file in a sentence is a word of a shell`(name: String, word: String) {
        #expect(ShellWord.quoted(name) == word)
    }
}
