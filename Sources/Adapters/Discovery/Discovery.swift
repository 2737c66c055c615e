// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Finds the readers that publish meter data on a broker, by trying every adapter on the received messages.
///
/// A value type like the pipeline: it takes messages and returns findings. It does not guess: a topic whose labels fit
/// several scripts is reported as ambiguous.
public struct Discovery: Sendable {
    /// Maximum number of readers to follow; a sender may invent any number.
    private static let limit = 20_000

    private struct Key: Hashable {
        var probe: Int
        var device: String
    }

    private var trails: [Trail] = []
    private var positions: [Key: Int] = [:]
    private var others = OtherTopics()
    private let placeholders: Set<String>
    private let sources: [Source]
    private let probes: [Probe]

    /// - Parameters:
    ///   - placeholders: placeholder ids, in lower case.
    ///   - sources: the sources of a configuration.
    ///   - own: the user's mappings and dictionaries, which are tried like the shipped ones.
    public init(placeholders: Set<String>, sources: [Source] = [], own: OwnReaders = OwnReaders()) {
        self.placeholders = placeholders
        self.sources = sources
        probes = own.isEmpty ? Probe.all : own.probes
    }

    /// Takes one message.
    public mutating func hear(_ message: RawMessage) {
        let heard = HeardMessage(message)
        var kind: String?
        var rejection: String?
        var isMeter = false
        for (index, probe) in probes.enumerated() {
            guard let place = probe.place(of: heard) else { continue }
            let key = Key(probe: index, device: place.device)
            guard let position = positions[key] ?? begin(probe, place, key) else { continue }
            let hearing = trails[position].hear(message, at: place)
            // Any reader may use a topic with a common name: it counts only once its device is recognised.
            guard probe.mapping == nil else { continue }
            switch hearing {
            case .meter: isMeter = true
            case .ignored(let name): kind = kind ?? name
            case .rejected: rejection = trails[position].rejection.map { "\($0.reason.rawValue): \($0.detail)" }
            }
        }
        others.note(heard, kind: kind, rejection: isMeter ? nil : rejection, isMeter: isMeter)
    }

    private mutating func begin(_ probe: Probe, _ place: ReaderPlace, _ key: Key) -> Int? {
        guard trails.count < Self.limit else { return nil }
        trails.append(Trail(probe, name: place.name))
        positions[key] = trails.count - 1
        return trails.count - 1
    }

    /// The probable meters, in the order of their first messages. When several adapters understand a topic, the one
    /// with the surest verdict is used, then one that found the meter's id, then the first.
    public var findings: [Finding] {
        var findings: [Finding] = []
        for next in chosen.map({ finding($0, Evidence(trail: $0)) }) {
            // One reader that publishes a meter on several topics is one source.
            if let index = findings.firstIndex(where: { $0.isSameReader(as: next) }) {
                findings[index].merge(next)
            } else {
                findings.append(next)
            }
        }
        for (index, finding) in findings.enumerated() {
            findings[index].sharesID = findings.contains { $0.id == finding.id && $0.isElsewhere(finding) }
            findings[index].sameAs = findings[..<index].indices.filter { finding.isLikely(sameMeterAs: findings[$0]) }
        }
        return findings
    }

    /// True while a reader has shown only single values: its next periodic message will show which script it runs.
    public var isWaiting: Bool {
        chosen.contains { trail in
            trail.probe.adapter.needsLabels && trail.largest == 1 && trail.labels == nil
                && source(covering: trail) == nil
        }
    }

    /// The readers that sent registers, each read by one adapter: the surest, then one that reads the main registers,
    /// then one that knows the meter's id, then the most specific one.
    private var chosen: [Trail] {
        let heard = trails.enumerated().filter { !$0.element.observations.isEmpty && $0.element.isRecognised }
            .map { (position: $0.offset, trail: $0.element, order: order(of: $0.element)) }
        var claimed: Set<String> = []
        return heard.sorted { ($0.order + [$0.position]).lexicographicallyPrecedes($1.order + [$1.position]) }
            .filter { candidate in
                guard claimed.isDisjoint(with: candidate.trail.topics) else { return false }
                claimed.formUnion(candidate.trail.topics)
                return true
            }
            .sorted { $0.position < $1.position }.map(\.trail)
    }

    private func order(of trail: Trail) -> [Int] {
        let rank = trail.probe.mapping.map { 1 + ($0.recognition?.rank ?? 0) } ?? 0
        let evidence = Evidence(trail: trail)
        return [
            evidence.verdict.rank, trail.hasMain ? 0 : 1, evidence.isImplausible ? 1 : 0, trail.id == nil ? 1 : 0,
            -rank,
            rank > 0 ? -trail.observations.count : 0,
        ]
    }

    private func source(covering trail: Trail) -> Source? {
        let topics = trail.filters.compactMap { TopicPattern($0) }
        return sources.first { $0.filters.contains { filter in topics.contains { filter.covers($0) } } }
    }

    /// Topics without meter data, grouped, with the number of messages.
    public var notMeters: [(topics: String, messages: Int)] {
        // Topics that a proposed source would subscribe to belong to its reader, whatever their content.
        let patterns = chosen.flatMap(Self.subscribed).compactMap { TopicPattern($0) }
        let unknown = Set(unknown.flatMap(\.topics))
        return others.notMeters { topic in
            unknown.contains(topic) || patterns.contains { $0.captures(topic) != nil }
        }
    }

    /// Readers that no adapter reads although they look like meters, each with a draft of a mapping.
    public var unknown: [UnknownReader] {
        let patterns = chosen.flatMap(Self.subscribed).compactMap { TopicPattern($0) }
        let read = Set(chosen.flatMap(\.topics))
        // Other values of a known reader are not another reader.
        let mappings = chosen.compactMap(\.probe.mapping)
        return UnknownReader.all(
            in: others.samples { topic in
                !read.contains(topic) && !mappings.contains { $0.spells(topic) }
                    && !patterns.contains { $0.captures(topic) != nil }
            })
    }

    /// Topics with frames in bytes or hexadecimal, with the kind of frame.
    public var frames: [(topic: String, kind: String, messages: Int)] {
        others.frames.map { ($0.topic, $0.kind.rawValue, $0.messages) }
    }

    /// True when no message was received.
    public var isSilent: Bool { others.isEmpty && trails.isEmpty }

    /// The newest message of each topic, for a report.
    public var samples: [RawMessage] {
        others.samples { _ in true }.map(\.message)
    }

    /// Topics whose messages look like a meter's but cannot be read, with the last reason.
    public var rejected: [(topic: String, reason: String, messages: Int)] { others.rejected }

    private func finding(_ trail: Trail, _ evidence: Evidence) -> Finding {
        let text = trail.id.map(MeterID.decoded)
        let filters = Self.subscribed(trail)
        let needed = filters.filter { filter in
            !filters.contains { other in
                other != filter && TopicPattern(filter).map { TopicPattern(other)?.covers($0) ?? false } ?? false
            }
        }
        // Numbers such as in smartmeter/12345/… do not make a name.
        var name = MeterID.isPlaceholder(trail.name, words: placeholders) ? trail.probe.adapter.name : trail.name
        // A topic may contain the id in hexadecimal, which is hard to read.
        if let text, trail.id?.text == name { name = text }
        return Finding(
            subscribe: needed, name: name, adapter: trail.probe.adapter.name,
            labels: trail.labels?.name, needsLabels: trail.probe.adapter.needsLabels, verdict: evidence.verdict,
            reasons: evidence.reasons, id: text,
            isPlaceholder: text.map { MeterID.isPlaceholder($0, words: placeholders) } ?? false, time: trail.time,
            observations: trail.observations, coveredBy: source(covering: trail)?.name, unread: trail.unread,
            isNameless: trail.id == nil && trail.probe.mapping?.hasNoID == true, idPrefix: trail.idPrefix,
            ask: trail.ask,
            hasMain: trail.hasMain)
    }

    /// A reader that so far only answered a request also publishes by itself.
    private static func subscribed(_ trail: Trail) -> [String] {
        guard trail.probe.adapter.needsLabels, !trail.filters.contains(where: { $0.hasSuffix("SENSOR") }),
            let answer = trail.filters.first(where: { $0.hasSuffix("/STATUS10") }),
            let sensors = TasmotaTopic.sensors(answeringAt: answer)
        else { return trail.filters }
        return [sensors] + trail.filters.filter { $0 != sensors }
    }
}
