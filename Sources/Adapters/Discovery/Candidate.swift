// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// One group of topics that an adapter understands.
struct Candidate: Sendable {
    private let key: DiscoveryKeyText
    private let adapter: String
    private var decoder: any TelegramDecoder
    private var labels: (name: String, known: Int, of: Int)?
    private var ambiguity: (candidates: [String], keys: [String])?
    private var id: RawID?
    private var time: (sent: RawTime, received: Timestamp)?
    private var observations: [OBISCode: Observation] = [:]
    private var order: [OBISCode] = []
    private var messages = 0
    private var first: Timestamp
    private var last: Timestamp
    private var largest = 0

    private struct DiscoveryKeyText: Sendable {
        var subscribe: String
        var name: String
    }

    /// Nil when no adapter understands the message. The vendors' own formats are tried first: a Tasmota group is any JSON.
    init?(_ message: RawMessage, key: DiscoveryKey) {
        self.key = DiscoveryKeyText(subscribe: key.subscribe, name: key.name)
        first = message.received
        last = message.received
        for name in Self.adapters(for: message) {
            guard let adapter = AdapterRegistry.make(name) else { continue }
            var decoder = adapter.makeDecoder()
            switch decoder.decode(message, context: DecodingContext()) {
            case .telegrams(let telegrams, let remarks):
                self.adapter = name
                self.decoder = decoder
                note(telegrams, remarks, at: message.received)
                return
            case .fragment where name == "p1":
                self.adapter = name
                self.decoder = decoder
                messages = 1
                return
            default: continue
            }
        }
        return nil
    }

    /// Which formats a message may be of.
    private static func adapters(for message: RawMessage) -> [String] {
        let levels = message.topic.split(separator: "/", omittingEmptySubsequences: false)
        if message.payload.first == UInt8(ascii: "/") { return ["p1"] }
        if levels.contains("smartmeter") || (levels.contains("dt") && levels.last == "ds") {
            return ["smartmeter-datacollector"]
        }
        let isTasmota = levels.contains { ["SENSOR", "STATUS8", "STATUS10"].contains($0) }
        return isTasmota ? ["gplug", "tasmota"] : []
    }

    mutating func hear(_ message: RawMessage) {
        messages += 1
        last = message.received
        if case .telegrams(let telegrams, let remarks) = decoder.decode(message, context: DecodingContext()) {
            note(telegrams, remarks, at: message.received)
            messages -= 1
        }
    }

    private mutating func note(_ telegrams: [Telegram], _ remarks: [Remark], at received: Timestamp) {
        messages += 1
        for telegram in telegrams {
            id = telegram.id ?? id
            if let sent = telegram.time { time = (sent, received) }
            largest = max(largest, telegram.observations.count)
            for observation in telegram.observations {
                if observations[observation.obis] == nil { order.append(observation.obis) }
                observations[observation.obis] = observation
            }
        }
        for remark in remarks {
            switch remark {
            case .guessedLabels(let name, let known, let count): labels = (name, known, count)
            case .ambiguousLabels(let candidates, let keys): ambiguity = (candidates, keys)
            case .unknownLabel, .malformed: break
            }
        }
    }

    /// Nil for a candidate that never brought a register.
    func finding(placeholders: Set<String>) -> Finding? {
        guard !observations.isEmpty else { return nil }
        var reasons: [String] = []
        let verdict: Finding.Verdict
        if let labels {
            verdict = labels.known == labels.of ? .certain : .likely
            reasons.append("\(labels.known) of \(labels.of) keys known")
        } else if adapter == "gplug" || adapter == "tasmota" {
            let isNamed = largest > 1 && ambiguity == nil
            verdict = isNamed ? .certain : .ambiguous
            if let ambiguity {
                reasons.append("fits \(ambiguity.candidates.joined(separator: " or "))")
            } else {
                reasons.append(isNamed ? "the labels are OBIS codes" : "only single values seen")
            }
        } else {
            verdict = .certain
        }
        let span = last.milliseconds(since: first)
        if messages > 1, span > 0 { reasons.append("\(messages) messages in \(span / 1000) s") }
        let text = id.map(MeterID.decoded)
        return Finding(
            subscribe: key.subscribe, name: key.name, adapter: adapter, labels: labels?.name, verdict: verdict,
            reasons: reasons, id: text,
            isPlaceholder: text.map { MeterID.isPlaceholder($0, words: placeholders) } ?? false,
            time: time, observations: order.compactMap { observations[$0] })
    }
}
