// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import Inputs
import MQTT
import Machine
import PlugTest

/// `replay`: plays a recording into a broker, or through the pipeline.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Play a recording into a broker, or straight through the pipeline.",
        discussion: """
            Into a broker it publishes every message on its topic, spaced as it arrived, so that a running bridge, or a new \
            reader's script, sees the same traffic again. The payloads are what they were: times in them are old, and the \
            bridge says so.

            With --through no broker is needed: the sources of the configuration read the recording at the times at which it \
            was made, as the bridge would have, and what it would have published is printed, one JSON object a line as \
            convert does.

            Exit codes: 0 played, 1 the recording or the configuration has mistakes, 69 broker unreachable.

            Examples:
              obis-bridge replay today.jsonl --broker mqtt://localhost:1884 --speed 60
              obis-bridge replay today.jsonl --config bridge.yaml --speed max
              obis-bridge replay today.jsonl --config bridge.yaml --through | grep /reject
            """)

    @Argument(help: "The recording: JSON Lines, as record writes them; - for standard input.")
    var file: String
    @OptionGroup var options: BrokerOptions
    @Option(help: "How much faster than it was, 0.1 for slower, or max. (default: 1, with --through max)")
    var speed: Pace.Speed?
    @Flag(help: "Read it with the sources of the configuration, and print what they make of it.")
    var through = false
    @Flag(help: "Publish messages that the broker had retained as retained again.")
    var retain = false

    func validate() throws {
        if through, options.broker != nil || retain {
            throw ValidationError("--through needs no broker: name --config FILE, and neither --broker nor --retain.")
        }
    }

    func run() throws {
        let configuration = try options.load()
        let messages = try RecordedTraffic.required(path: file).requiredMessages(name: BoundedFile.name(file))
        if through { return try pass(messages, through: configuration) }
        try publish(messages, configuration)
    }

    // MARK: - Through the pipeline

    private func pass(_ messages: [RawMessage], through configuration: Configuration) throws {
        var pipeline = Pipeline(configuration.pipelineSettings)
        let pace = Pace(speed ?? .max, from: messages.first?.received)
        let interruption = Interruption()
        var now = messages.first?.received ?? SystemClock.now
        func emit(_ publications: [Publication]) throws {
            for diagnostic in pipeline.takeDiagnostics() { StandardError.line(Terminal.escaped("\(diagnostic)")) }
            let lines = publications.map { $0.jsonLine + "\n" }.joined()
            if !lines.isEmpty { try StandardOutput.print(lines, terminator: "") }
        }
        for message in messages {
            while let wait = pace.wait(for: message.received), !interruption.isRequested {
                try StandardOutput.checkReader()
                Thread.sleep(forTimeInterval: min(0.2, wait))
            }
            guard !interruption.isRequested else { break }
            try emit(pipeline.pass(from: now, to: message.received))
            now = max(now, message.received)
            try emit(pipeline.handle(message))
        }
        try emit(pipeline.flush(at: now))
        let counters = pipeline.counters
        let rejected = counters.rejected.values.reduce(0, +)
        StandardError.line(
            "\(Count.text(counters.received, "message")): \(Count.text(counters.readings, "reading")), "
                + "\(rejected) rejected, "
                + "\(counters.ignored.values.reduce(0, +)) ignored")
    }

    // MARK: - Into a broker

    private func publish(_ messages: [RawMessage], _ configuration: Configuration) throws {
        // The bridge does not read messages of other inputs from the broker, and no client may publish on topics that
        // begin with $.
        let others = Set(configuration.inputs.map(\.topic))
        let messages = messages.filter { message in
            !message.topic.hasPrefix("$") && !others.contains(message.topic) && TopicPattern(message.topic) != nil
        }
        guard !messages.isEmpty else {
            throw CommandFailure("\(file): none of its messages came from a broker; try --through")
        }
        let settings = configuration.input.settings
        let player = RecordingPlayer(
            messages, to: settings, clientIDPrefix: "obis-bridge-replay", speed: speed ?? .times(1))
        let interruption = Interruption()
        var progress = ProgressLine()
        defer { progress.end() }
        let published = try configuration.reachingBroker {
            try player.play(while: { !interruption.isRequested }) {
                StandardError.line(
                    "Playing \(Count.text(messages.count, "message")) to \(settings.address), Ctrl-C to end ...")
            } progress: { count, passed in
                progress.show { Self.line(count, messages.count, passed) }
            } _: { message in
                MQTTMessage(topic: message.topic, payload: message.payload, isRetained: retain && message.isRetained)
            }
        }
        progress.end()
        let all = Count.text(messages.count, "message")
        let some = published < messages.count ? "\(published) of \(all)" : all
        StandardError.line("Published \(some) to \(settings.address).")
    }

    private static func line(_ published: Int, _ count: Int, _ passed: TimeSpan) -> String {
        "\(ProgressLine.bar(Double(published) / Double(max(1, count))))  \(published) of \(count) messages in \(passed.text)"
    }
}

extension Pace.Speed: ExpressibleByArgument {
    /// `max`, or a number above 0.
    public init?(argument: String) {
        if argument == "max" {
            self = .max
        } else if let number = Double(argument), number > 0, number.isFinite {
            self = .times(number)
        } else {
            return nil
        }
    }
}
