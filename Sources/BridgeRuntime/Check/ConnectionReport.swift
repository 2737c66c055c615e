// SPDX-License-Identifier: Apache-2.0
import Adapters
import BridgeConfiguration
import Harmonizer
import Inputs
import MQTT
import Machine

/// The report of `check --connect`, line by line; a fault is something to fix.
package struct ConnectionReport {
    /// The messages of one source and their results.
    private struct Heard {
        let source: Source
        var pipeline: Pipeline
        var messages = 0
        var retained = 0
        var topics: Set<String> = []
        var meters: Set<String> = []
        /// Suggests another adapter while no reading came.
        var advice: AdapterAdvice
        /// Checks the messages against the user's mapping; nil without one.
        var mapping: MappingAdvice?
        /// The lines that a running bridge would log.
        var remarks: [Diagnostic] = []
    }

    /// The maximum number of remarks per source.
    private static let remarkLimit = 10
    /// The maximum number of topics counted; from this number on the report says "or more".
    private static let topicLimit = 1000

    private let configuration: Configuration
    private let span: Duration
    private let routing: Pipeline
    private var heard: [Heard]
    private var head: [String] = []
    private(set) var hasFaults = false

    init(_ configuration: Configuration, span: Duration) {
        self.configuration = configuration
        self.span = span
        routing = Pipeline(configuration.pipelineSettings)
        // Each source has its own pipeline, so that its readings, rejects and repairs are counted separately.
        heard = configuration.sources.map { source in
            var settings = configuration.pipelineSettings
            settings.sources = [source]
            return Heard(
                source: source, pipeline: Pipeline(settings),
                advice: AdapterAdvice(
                    insteadOf: source.adapter.name, placeholders: configuration.profile.placeholders),
                mapping: MappingAdvice(source.adapter))
        }
    }

    // MARK: - What happens

    mutating func connected(_ side: String, _ broker: BrokerSettings, version: ProtocolVersion) {
        let name = broker.username.map { "as \"\($0)\"" } ?? "without a name"
        let tls = broker.tls == nil ? "" : ", TLS"
        head.append("\(side): connected to \(broker.address) \(name), \(version)\(tls)")
    }

    mutating func probed(_ topic: String) { head.append("output: \(topic) can be written and read") }

    /// Adds something that works but has consequences.
    mutating func remark(_ sentence: String) { head.append("remark: \(sentence)") }

    mutating func fault(_ sentence: String) {
        hasFaults = true
        head.append("fault: \(sentence)")
    }

    mutating func hear(_ message: RawMessage) {
        guard let name = routing.source(of: message.topic),
            let index = heard.firstIndex(where: { $0.source.name == name })
        else { return }
        heard[index].messages += 1
        if message.isRetained { heard[index].retained += 1 }
        if heard[index].topics.count < Self.topicLimit { heard[index].topics.insert(message.topic) }
        note(heard[index].pipeline.handle(message), index)
        heard[index].advice.hear(message)
        heard[index].mapping?.hear(message)
    }

    mutating func advance(to now: Timestamp) {
        for index in heard.indices { note(heard[index].pipeline.advance(to: now), index) }
    }

    mutating func finish(at now: Timestamp) {
        for index in heard.indices { note(heard[index].pipeline.flush(at: now), index) }
    }

    private mutating func note(_ publications: [Publication], _ index: Int) {
        for publication in publications {
            // `…/meter/ID/reading`: the id is a level of the reading's topic.
            let rule = configuration.profile.topics.reading
            guard let levels = rule.pattern?.captures(publication.topic), let meter = levels.first else { continue }
            heard[index].meters.insert(String(meter))
        }
        let room = Self.remarkLimit - heard[index].remarks.count
        heard[index].remarks += heard[index].pipeline.takeDiagnostics().prefix(max(0, room))
    }

    // MARK: - The lines

    /// True when every source had a reading and nothing was forbidden. A source polled by HTTP reports its own fault; a
    /// source by UDP does not count, because a running bridge may hold the port.
    package var isComplete: Bool {
        !hasFaults
            && heard.allSatisfy { $0.pipeline.counters.readings > 0 || $0.messages == 0 && !mustBeHeard($0.source) }
    }

    package var lines: [String] {
        head + heard.filter { mustBeHeard($0.source) || $0.messages > 0 }.flatMap(lines)
    }

    /// The input of a source that is read from a TCP connection or a serial port; nil for others.
    private func stream(_ source: Source) -> InputSettings? {
        configuration.inputs.first { $0.source == source.name && $0.isStream }
    }

    /// True for a source to which this check listens: over MQTT, TCP or a serial port.
    private func mustBeHeard(_ source: Source) -> Bool { source.isSubscribed || stream(source) != nil }

    /// An earlier source that reads the same topics and had messages.
    private func rival(of source: Source) -> String? {
        let others = heard.prefix { $0.source.name != source.name }.filter { $0.messages > 0 }
        return others.first { $0.source.filters.contains(where: source.filters.contains) }?.source.name
    }

    private func lines(_ heard: Heard) -> [String] {
        let filters = heard.source.filters.map(\.filter).joined(separator: ", ")
        guard heard.messages > 0 else {
            if let stream = stream(heard.source) {
                return [
                    "fault: source \(heard.source.name): nothing came from \(stream.transport) in "
                        + "\(span.components.seconds) s; is a running bridge reading it?"
                ]
            }
            if let other = rival(of: heard.source) {
                return [
                    "fault: source \(heard.source.name): nothing on \(filters) in \(span.components.seconds) s: "
                        + "the source \(other) reads these topics"
                ]
            }
            let user = configuration.input.settings.username.map { "\"\($0)\"" } ?? "a client without a user name"
            return [
                "fault: source \(heard.source.name): nothing on \(filters) in \(span.components.seconds) s; "
                    + "does the reader send, is the topic right, and may \(user) read it? A forbidden topic is silent."
            ]
        }
        let counters = heard.pipeline.counters
        let topics = Count.text(heard.topics.count, "topic", isMore: heard.topics.count == Self.topicLimit)
        var facts = ["\(Count.text(heard.messages, "message")) on \(topics)"]
        if heard.retained > 0 { facts.append("\(heard.retained) of them retained") }
        facts.append("\(Count.text(counters.readings, "reading")) of \(Count.text(heard.meters.count, "meter"))")
        let rejected = counters.rejected.sorted { $0.key.rawValue < $1.key.rawValue }
        if !rejected.isEmpty {
            facts.append("rejected: " + rejected.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "))
        }
        let ignored = counters.ignored.sorted { $0.key < $1.key }
        if !ignored.isEmpty {
            facts.append("not meter data: " + ignored.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        let fixes = counters.fixes.sorted { $0.key.rawValue < $1.key.rawValue }
        if !fixes.isEmpty {
            facts.append("repaired: " + fixes.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "))
        }
        var start = "source \(heard.source.name): "
        if counters.readings == 0 {
            start = "fault: " + start
            facts.append(heard.advice.sentence ?? "no message became a reading")
        }
        var lines = [start + facts.joined(separator: "; ")]
        lines += heard.meters.sorted().prefix(10).map { "    meter \($0)" }
        if let fault = heard.advice.clockFault(in: heard.source.zone) { lines.append("    warning: \(fault)") }
        // After ten messages the log contains the same advice.
        if let sentence = heard.mapping?.sentence, !heard.remarks.contains(where: { "\($0)".contains("there was no") })
        {
            lines.append("    warning: \(sentence)")
        }
        lines += heard.remarks.map { "    \($0.level == .warning ? "warning" : "note"): \($0)" }
        return lines
    }
}

extension Source {
    /// True for a source that is read over MQTT.
    fileprivate var isSubscribed: Bool { origin == nil }
}
