// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `sources: auto`: three lines of YAML are a configuration that works.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct AdoptionTests {
    private let whole =
        #"{"z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"P1i":120,"P2i":92,"P3i":200,"V1":229.1,"V2":229.5,"#
        + #""V3":229.1,"Ei":25149.419,"Eo":118.025}}"#

    private func run(_ broker: MosquittoBroker, _ folder: TemporaryDirectory) throws -> ChildProcess {
        try folder.write("bridge.yaml", "broker: mqtt://localhost:\(broker.port)\nbridge: home\nsources: auto\n")
        return try ChildProcess(
            "/usr/bin/env", ["-C", folder.path, "TZ=UTC", RunningBridge.program, "run", "--listen", "2s"])
    }

    @Test func `what is certain is adopted, told with the lines to pin it, and adopted again after a restart`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let first = try run(broker, folder)
        #expect(
            first.wait { $0.contains { $0.contains("sources: auto: Listening on") } }, "\(first.output.value.lines)")
        // One that is certain, and one of which nobody can say what its value means.
        try mosquittoPub(port: broker.port, topic: "tele/gPlug11/SENSOR", payload: whole)
        try mosquittoPub(port: broker.port, topic: "tele/gPlug12/SENSOR", payload: #"{"z":{"Pi":12}}"#)
        #expect(first.wait(seconds: 30) { $0.contains { $0.contains("subscribed to tele/gPlug11/SENSOR") } })
        let log = first.output.value.lines
        #expect(
            log.contains {
                $0.hasSuffix(
                    "sources: auto: adopted gplug11: {adapter: gplug, labels: gplug-d, subscribe: tele/gPlug11/SENSOR}")
            }, "\(log)")
        #expect(log.contains { $0.contains("write these lines under \"sources:\" in bridge.yaml to pin them") })
        try mosquittoPub(port: broker.port, topic: "tele/gPlug11/SENSOR", payload: whole)
        #expect(output.wait { $0.contains("harmonized/v1/meter/10000021/obis/1-0:1.7.0 412") })
        first.kill(SIGTERM)
        #expect(first.wait() == 0)
        // Nothing sends now, and the same is adopted at once.
        let second = try run(broker, folder)
        #expect(second.wait(seconds: 30) { $0.contains { $0.contains("subscribed to tele/gPlug11/SENSOR") } })
        #expect(second.output.value.lines.contains { $0.contains("sources: auto: adopted before gplug11:") })
        #expect(!second.output.value.lines.contains { $0.contains("Listening on") })
        second.kill(SIGTERM)
        #expect(second.wait() == 0)
    }

    @Test func `while nothing is certain it says so and listens on, and ends when it is told to`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let bridge = try run(broker, folder)
        #expect(
            bridge.wait(seconds: 30) {
                $0.contains { $0.contains("no certain reader found; still listening") }
            },
            "\(bridge.output.value.lines)")
        // A reader sends again and again: one message may come between two times of listening.
        let isAdopted = { bridge.output.value.lines.contains { $0.contains("subscribed to tele/gPlug11/SENSOR") } }
        for _ in 0..<60 where !isAdopted() {
            try mosquittoPub(port: broker.port, topic: "tele/gPlug11/SENSOR", payload: whole)
            _ = bridge.wait(seconds: 0.5) { $0.contains { $0.contains("subscribed to tele/gPlug11/SENSOR") } }
        }
        #expect(isAdopted(), "\(bridge.output.value.lines)")
        bridge.kill(SIGTERM)
        #expect(bridge.wait() == 0)
        let (silent, empty) = (try MosquittoBroker(), try TemporaryDirectory())
        let waiting = try run(silent, empty)
        _ = waiting.wait { $0.contains { $0.contains("Listening on") } }
        waiting.kill(SIGTERM)
        #expect(waiting.wait() == 128 + SIGTERM)
    }

    @Test func `a login that is refused is told, and waiting does not help`() throws {
        let broker = try MosquittoBroker(.init(users: ["u": "right"]))
        let folder = try TemporaryDirectory()
        let bridge = try run(broker, folder)
        #expect(bridge.wait(seconds: 30) == 78)
        #expect(bridge.output.value.lines.contains { $0.contains("not authorised without a username") })
    }
}
