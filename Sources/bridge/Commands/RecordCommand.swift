// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import MQTT
import Machine
import PlugTest

/// `record`: writes raw traffic into a file, for `replay`, `plugtest`, `discover` and `test --write`.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Write what the readers send to a file, with the times of arrival.",
        discussion: """
            Records what the sources of the configuration read (MQTT, HTTP, UDP, TCP and serial ports), or the topics named with --topic, as JSON \
            Lines: {"received":…,"topic":…,"payload":…}. Every message is in the file as soon as it came. Ctrl-C ends the \
            recording. A running bridge is not disturbed. docs/recordings.md has the format and what can be done with it.

            Exit codes: 0 recorded, 1 the file cannot be written or the configuration has mistakes, 69 broker unreachable.

            Examples:
              obis-bridge record today.jsonl --config bridge.yaml --for 24h
              obis-bridge record all.jsonl --broker mqtt://localhost --topic 'tele/#' --topic 'smartmeter/#'
              obis-bridge record - --broker mqtt://localhost --topic '#' --for 1m | gzip > all.jsonl.gz
            """)

    @Argument(help: "The file, which must not exist; - for standard output.")
    var file: String
    @OptionGroup var options: BrokerOptions
    @OptionGroup var log: LogOptions
    @Option(name: .shortAndLong, help: "Record this topic filter instead of the sources; may be repeated.")
    var topic: [String] = []
    @Option(name: .customLong("for"), help: "How long, such as 60s or 24h; until Ctrl-C by default.")
    var span: String?
    @Flag(help: "Replace a file that exists.")
    var force = false

    func validate() throws {
        try TimeSpan.validate(span, of: "--for", like: "60s or 24h")
        for filter in topic where TopicPattern(filter) == nil {
            throw ValidationError(
                "\"\(filter)\" is no topic filter: + and # stand alone between slashes, # at the end.")
        }
        if options.broker != nil, topic.isEmpty {
            throw ValidationError("With --broker name what to record: --topic 'tele/#', or --topic '#' for everything.")
        }
    }

    func run() throws {
        let configuration = try options.load(log)
        let output = try TrafficFile(file, replaces: force)
        let listener = TrafficListener(
            broker: configuration.input.settings,
            filters: topic.isEmpty ? configuration.subscriptions : topic.map { MQTT.TopicFilter($0) },
            inputs: topic.isEmpty ? configuration.inputs : [], clientIDPrefix: "obis-bridge-record",
            interruption: Interruption(), logger: configuration.log.logger)
        let span = span.flatMap { TimeSpan($0) }
        var tally = Tally(span: span)
        var progress = ProgressLine()
        defer { progress.end() }
        try configuration.reachingBroker {
            try listener.listen(for: span.map { Duration($0) }) {
                StandardError.line("Recording to \(file == "-" ? "standard output" : file), Ctrl-C to end ...")
                try output.append(RawMessage(topic: RecordedTraffic.beginning, payload: [], received: SystemClock.now))
            } take: { message in
                if let message {
                    try output.append(message)
                    tally.count(message)
                } else {
                    try output.checkReader()
                }
                progress.show { tally.line }
            }
        }
        try output.append(RawMessage(topic: RecordedTraffic.end, payload: [], received: SystemClock.now))
        progress.end()
        StandardError.line("Recorded \(tally.summary).")
    }

    /// What was recorded so far.
    private struct Tally {
        let span: TimeSpan?
        private let start = ContinuousClock.now
        private var messages = 0
        private var bytes = 0
        private var topics: Set<String> = []

        init(span: TimeSpan?) { self.span = span }

        mutating func count(_ message: RawMessage) {
            messages += 1
            bytes += message.payload.count
            // Bounds the count: a sender may invent any number of topics.
            if topics.count < 10_000 { topics.insert(message.topic) }
        }

        private var passed: TimeSpan { TimeSpan(ContinuousClock.now - start) }

        var summary: String {
            "\(Count.text(messages, "message")) on \(Count.text(topics.count, "topic")) in \(passed.text)"
        }

        var line: String {
            let bar =
                span.map { ProgressLine.bar(Double(passed.milliseconds) / Double(max(1, $0.milliseconds))) + "  " }
                ?? ""
            return "\(bar)\(summary), \(bytes / 1024) kB"
        }
    }
}
