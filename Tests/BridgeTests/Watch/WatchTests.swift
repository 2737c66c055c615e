// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import bridge

/// `watch`: what it shows of messages, and the real program beside a real bridge.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct WatchTests {
    private func profile() throws -> Profile { try Profile() }

    private let now = Timestamp(seconds: 1_795_217_240)

    private func board(_ messages: [(String, String)], only: Set<String> = []) throws -> WatchBoard {
        var board = WatchBoard(topics: try profile().topics, only: only)
        for (topic, payload) in messages {
            _ = board.take(topic: "harmonized/v1/meter/" + topic, payload: Array(payload.utf8))
        }
        return board
    }

    private func table(_ wanted: [String] = []) throws -> WatchTable {
        WatchTable(profile: try profile(), wanted: wanted.compactMap { OBISCode($0) }, isColoured: false)
    }

    private let messages = [
        (
            "haus/state",
            #"{"meter":"haus","name":"Haus","received":"2026-11-20T23:27:10Z","registers":{"1-0:16.7.0":{"value":-42,"unit":"W"},"1-0:1.8.0":{"value":559.373,"unit":"kWh","quality":"held"}}}"#
        ), ("haus/availability", "online"),
        (
            "haus/reading",
            #"{"meter":"haus","received":"2026-11-20T23:27:12.250Z","registers":{"1-0:16.7.0":{"value":1234,"unit":"W"}},"fixes":[{"rule":"time.missing","level":"repair"},{"rule":"counter.decrease","level":"doubt"}]}"#
        ), ("attic/availability", "offline"), ("attic/state", "{broken"), ("attic/obis/1-0:1.7.0", "5"),
    ]

    @Test func `a table has the age, the main registers and the fixes of each meter`() throws {
        let lines = try table().lines(board(messages), at: now, columns: 100, lines: 20)
        #expect(
            lines.map { $0.replacing(#/ +$/#, with: "") } == [
                "meter            age  power W  energy_import kWh  fixes",
                "attic        offline",
                "Haus (haus)      7 s     1234           559.373!  time.missing counter.decrease",
            ])
    }

    @Test(arguments: [30, 40, 60, 200]) func `no line is wider than the terminal`(columns: Int) throws {
        let lines = try table().lines(board(messages), at: now, columns: columns, lines: 20)
        #expect(lines.allSatisfy { $0.count <= columns }, "\(lines)")
        #expect(lines.count == 3)
    }

    @Test func `more meters than lines are counted`() throws {
        let many = (0..<50).map { ("m\($0)/availability", "online") }
        let lines = try table().lines(board(many), at: now, columns: 80, lines: 10)
        #expect(lines.count == 10)
        #expect(lines.last == "… and 42 more meters")
    }

    @Test func `the registers and meters are those that were asked for`() throws {
        let lines = try table(["1-0:1.8.0", "1-0:2.8.0"]).lines(
            board(messages, only: ["haus"]), at: now, columns: 100, lines: 20)
        #expect(lines.count == 2)
        #expect(lines[0].contains("energy_import kWh  energy_export"))
        #expect(!lines[0].contains("power"))
    }

    @Test func `a meter that was asked for and is not there is named, with the nearest`() throws {
        let lines = try table().lines(board(messages, only: ["hauss"]), at: now, columns: 100, lines: 20)
        #expect(lines == ["no meter \"hauss\", did you mean \"haus\"?"])
        let other = try table().lines(board(messages, only: ["x"]), at: now, columns: 100, lines: 20)
        #expect(other == ["no meter \"x\"; valid: attic, haus"])
        let none = try table().lines(board([], only: ["x"]), at: now, columns: 100, lines: 20)
        #expect(none == ["no meter \"x\" yet: no meter is published"])
        #expect(try board(messages, only: ["haus"]).missing == [])
    }

    @Test func `a meter whose state is cleared is gone`() throws {
        let lines = try table().lines(
            board(messages + [("haus/state", ""), ("attic/state", "")]), at: now, columns: 80, lines: 20)
        #expect(lines == ["No meters yet."])
    }

    @Test func `nothing that is sent reaches the terminal's controls`() throws {
        let lines = try table().lines(
            board([
                (
                    "a/state",
                    #"{"meter":"a","name":"\u001b[2J","received":"2026-11-20T23:27:10Z","registers":{"1-0:1.8.0":{"value":"\u001b]0;x","unit":"\u0007"}}}"#
                )
            ]), at: now, columns: 200, lines: 20)
        #expect(lines.allSatisfy { !$0.contains("\u{1b}") && !$0.contains("\u{7}") }, "\(lines)")
    }

    @Test func `beside a running bridge it writes a line for each change, or one table`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {one: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/1/SENSOR, meter: one}}
            """)
        let address = "mqtt://localhost:\(broker.port)"
        let watch = try ChildProcess(RunningBridge.program, ["watch", "--broker", address, "--register", "1-0:1.7.0"])
        // Until its subscription stands nobody knows which messages it sees.
        var power = 10
        while power < 300, !watch.wait(seconds: 0.1, forLines: { !$0.isEmpty }) {
            power += 1
            try mosquittoPub(port: broker.port, topic: "tele/1/SENSOR", payload: "{\"z\":{\"Pi\":\(power)}}")
        }
        try mosquittoPub(port: broker.port, topic: "tele/1/SENSOR", payload: #"{"z":{"Pi":4711}}"#)
        #expect(watch.wait { $0.contains { $0.contains("Z one: 1-0:1.7.0 4711 W") } }, "\(watch.output.value.lines)")
        watch.kill(SIGINT)
        #expect(watch.wait() == 0)
        #expect(watch.output.value.lines.contains { $0.contains("fixes") && $0.contains("time.missing") })

        let once = try ChildProcess(RunningBridge.program, ["watch", "--broker", address, "--once"])
        #expect(once.wait() == 0)
        let lines = once.output.value.lines
        #expect(lines.count == 2 && lines.first?.hasPrefix("meter") == true, "\(lines)")
        #expect(lines.last?.hasPrefix("one") == true && lines.last?.contains("4711") == true, "\(lines)")
        #expect(bridge.stop() == 0)
    }

    @Test func `no broker is one line and exit code 69`() throws {
        let port = try freePort()
        let watch = try ChildProcess(RunningBridge.program, ["watch", "--broker", "localhost:\(port)"])
        #expect(watch.wait() == 69)
        #expect(watch.output.value.lines.count == 1, "\(watch.output.value.lines)")
    }
}
