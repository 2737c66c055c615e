// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import bridge

/// `discover` on a broker where every reader of docs/sources plays at once.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct DiscoverSourcesTests {
    /// What cannot be found by listening: pages whose reader has no topic, and a page for readers that nobody knows.
    private static let unheard: Set = ["json.md"]

    /// A page and what it plays on the broker.
    private struct Player {
        let page: SourcePagesTests.Page
        let messages: [(topic: String, payload: String)]
        /// The codes that the page says come out.
        let codes: Set<String>
    }

    private static func players() throws -> [Player] {
        try SourcePagesTests.examples.filter { !unheard.contains($0.name) }.compactMap { page in
            let sources = try SourcePagesTests().sources(of: page).sources
            let messages = SourcePagesTests.messages(in: page.blocks("text")[0], for: sources)
                .filter { !$0.topic.hasPrefix("http/") && !$0.topic.hasPrefix("udp/") }
            let codes = page.blocks("text")[1].split(separator: "\n").compactMap { line in
                line.split(separator: " ").first?.split(separator: "/").last.map(String.init)
            }
            return messages.isEmpty ? nil : Player(page: page, messages: messages, codes: Set(codes))
        }
    }

    /// Publishes what every page shows, page by page.
    private static func play(_ players: [Player], publish: (_ topic: String, _ payload: String) throws -> Void) throws {
        for (topic, payload) in players.flatMap(\.messages) { try publish(topic, payload) }
    }

    /// The same as readers do it, a telegram's messages within a moment.
    private static func playAtOnce(_ players: [Player], port: Int) throws {
        let client = OneShotClient(broker: BrokerSettings(host: "localhost", port: port), clientIDPrefix: "readers")
        defer { client.close() }
        let patience = Duration.seconds(15 * Patience.factor)
        try client.connect(timeout: patience)
        try play(players) { try client.publish(MQTTMessage(topic: $0, text: $1), timeout: patience) }
    }

    @Test func `it proposes a configuration that check accepts and run reads every reader with`() throws {
        let players = try Self.players()
        #expect(players.count >= 12)
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/bridge.yaml"
        let discover = try ChildProcess(
            RunningBridge.program,
            [
                "discover", "--broker", "mqtt://localhost:\(broker.port)", "--for", "60s", "--wait", "0s", "--write",
                file,
            ])
        #expect(discover.wait { $0.contains { $0.hasPrefix("Listening on") } })
        // One by one: it is to have heard the last one when it is told to stop.
        for _ in 0..<2 { try Self.play(players) { try mosquittoPub(port: broker.port, topic: $0, payload: $1) } }
        discover.kill(SIGINT)
        #expect(discover.wait() == 0)
        let report = discover.output.value.lines.joined(separator: "\n")

        let proposal =
            "broker: mqtt://localhost:\(broker.port)\nzone: Europe/Amsterdam\n"
            + (try String(contentsOfFile: file, encoding: .utf8)).replacing("broker:", with: "# broker:")
        try folder.write("bridge.yaml", proposal)
        let check = try ChildProcess(RunningBridge.program, ["check", "--config", file])
        #expect(check.wait() == 0, "\(check.output.value.lines)\n\(proposal)")

        let bridge = try RunningBridge(proposal, in: folder)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/reading"])
        for _ in 0..<2 { try Self.playAtOnce(players, port: broker.port) }
        func missing(_ lines: [String]) -> [String] {
            var codes: [String: Set<String>] = [:]
            for reading in lines.map({ Received($0) }) {
                let topic = (reading.object["source"] as? [String: Any])?["topic"] as? String ?? ""
                codes[topic, default: []].formUnion(reading.registers.keys)
            }
            return players.compactMap { player in
                let found = player.messages.reduce(into: Set<String>()) { $0.formUnion(codes[$1.topic] ?? []) }
                var lost = player.codes.subtracting(found)
                // Several of these readers have one meter: what another one sends of it is not computed for this one.
                if found.contains("1-0:16.7.0") { lost.subtract(["1-0:1.7.0", "1-0:2.7.0"]) }
                return lost.isEmpty ? nil : "\(player.page.name): \(lost.sorted())"
            }
        }
        _ = output.wait(seconds: 20) { missing($0).isEmpty }
        #expect(missing(output.messages) == [], "\(report)\n\(proposal)\n\(bridge.log)")
        #expect(bridge.stop() == 0)
    }
}
