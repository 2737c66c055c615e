// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import MQTT
import Machine
import PlugTest

/// `watch`: shows the meters live, as the bridge publishes them.
struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show the meters and their main registers as the bridge publishes them.",
        discussion: """
            On a terminal a table that is drawn anew: each meter with the age of its newest reading, its main registers and the \
            repairs that reading needed. A value with ! is held (a newer one is not believed), one with ~ is stale. Into a file \
            or another program it writes one line for each change instead.

            It reads the topics of the bridge, so it works wherever the broker can be reached. q or Ctrl-C ends it.

            Exit codes: 0 ended, 1 the configuration has mistakes or, with --once, a named meter is not there, 69 broker unreachable.

            Examples:
              obis-bridge watch --broker mqtt://localhost
              obis-bridge watch --config bridge.yaml --register 1-0:16.7.0 --register 0-1:24.2.1
              obis-bridge watch --broker mqtt://localhost --once
              obis-bridge watch --broker mqtt://localhost aew-1 | grep counter.decrease
            """)

    @Argument(help: "Only these meters, by their id in the topics.")
    var meters: [String] = []
    @OptionGroup var options: BrokerOptions
    @OptionGroup var log: LogOptions
    @Option(name: .shortAndLong, help: "A register to show, by its OBIS code; may be repeated.")
    var register: [String] = []
    @Option(name: .customLong("for"), help: "How long, such as 60s; until Ctrl-C by default.")
    var span: String?
    @Flag(help: "Print what the broker keeps as one table, and end.")
    var once = false
    @Flag(help: "A line for each change on a terminal, too.")
    var lines = false

    func validate() throws {
        try TimeSpan.validate(span, of: "--for", like: "60s")
        for code in register where OBISCode(code) == nil {
            throw ValidationError("\"\(code)\" is no OBIS code such as 1-0:1.8.0.")
        }
    }

    func run() throws {
        let configuration = try options.load(log)
        let board = WatchBoard(topics: configuration.profile.topics, only: Set(meters))
        let isTerminal = Terminal.isTerminal(STDOUT_FILENO)
        let listener = TrafficListener(
            broker: configuration.output.settings, filters: board.filters.map { MQTT.TopicFilter($0) },
            clientIDPrefix: "obis-bridge-watch", interruption: Interruption(), logger: configuration.log.logger)
        let table = WatchTable(
            profile: configuration.profile, wanted: register.compactMap { OBISCode($0) },
            isColoured: Terminal.isColoured(STDOUT_FILENO))
        let span = (once ? "1s" : span).flatMap { TimeSpan($0) }.map { Duration($0) }
        try configuration.reachingBroker {
            if once {
                try printOnce(table, board, listener, span)
            } else if isTerminal, !lines {
                do { try draw(table, board, listener, span) } catch is Ended {}
            } else {
                try printLines(board, listener, span)
            }
        }
    }

    private func printOnce(
        _ table: WatchTable, _ board: WatchBoard, _ listener: TrafficListener, _ span: Duration?
    ) throws {
        var board = board
        try listener.listen(for: span) { message in
            if let message { _ = board.take(topic: message.topic, payload: message.payload) }
        }
        let columns = Terminal.isTerminal(STDOUT_FILENO) ? Terminal.size(STDOUT_FILENO).columns : .max
        for line in table.lines(board, at: SystemClock.now, columns: columns, lines: .max) {
            try StandardOutput.print(line)
        }
        guard !board.missing.isEmpty else { return }
        // Without any meter, the table has reported that already.
        if !board.meters.isEmpty { for sentence in board.missing { StandardError.line(sentence) } }
        throw ExitCode.faults
    }

    private func draw(
        _ table: WatchTable, _ board: WatchBoard, _ listener: TrafficListener, _ span: Duration?
    ) throws {
        var board = board
        var drawnAt: ContinuousClock.Instant?
        // Switches to the alternate screen of the terminal, without a cursor; the former content comes back at the end.
        try StandardOutput.print("\u{1b}[?1049h\u{1b}[?25l", terminator: "")
        defer { try? StandardOutput.print("\u{1b}[?25h\u{1b}[?1049l", terminator: "") }
        let keys = KeyReader()
        defer { keys.end() }
        try listener.listen(for: span) { message in
            if keys.pressed.contains("q") { throw Ended() }
            if let message { _ = board.take(topic: message.topic, payload: message.payload) }
            if let drawnAt, ContinuousClock.now - drawnAt < .milliseconds(250) { return }
            drawnAt = .now
            let size = Terminal.size(STDOUT_FILENO)
            let lines = table.lines(board, at: SystemClock.now, columns: size.columns, lines: size.lines)
            // Overwrites line by line: clearing everything first would flicker.
            let text = "\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J"
            try StandardOutput.print(text, terminator: "")
        }
    }

    /// The user pressed q.
    private struct Ended: Error {}

    private func printLines(_ board: WatchBoard, _ listener: TrafficListener, _ span: Duration?) throws {
        var board = board
        let wanted = Set(register.compactMap { OBISCode($0) })
        try listener.listen(for: span) { message in
            guard let message else { return try StandardOutput.checkReader() }
            let before = board.meterID(of: message.topic).flatMap { board.meters[$0] }
            guard let meter = board.take(topic: message.topic, payload: message.payload),
                let line = Self.line(meter, before: before, wanted: wanted)
            else { return }
            try StandardOutput.print("\(message.received) \(line)")
        }
    }

    /// The line about what changed for a meter; nil when nothing to show changed.
    static func line(_ meter: WatchedMeter, before: WatchedMeter?, wanted: Set<OBISCode>) -> String? {
        var parts: [String] = []
        if meter.isOnline != before?.isOnline, let isOnline = meter.isOnline {
            parts.append(isOnline ? "online" : "offline")
        }
        for code in meter.changed where wanted.isEmpty || wanted.contains(code) {
            guard let register = meter.registers[code] else { continue }
            let unit = register.unit.map { " " + $0 } ?? ""
            let quality = register.quality.map { " (\($0))" } ?? ""
            parts.append("\(code) \(register.value)\(unit)\(quality)")
        }
        let rules = meter.fixes.map(\.rule)
        if rules != before?.fixes.map(\.rule) ?? [] {
            parts.append(rules.isEmpty ? "no more fixes" : "fixes " + rules.joined(separator: " "))
        }
        return parts.isEmpty ? nil : Terminal.escaped("\(meter.id): " + parts.joined(separator: ", "))
    }
}
