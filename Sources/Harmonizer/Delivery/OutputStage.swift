// SPDX-License-Identifier: Apache-2.0

/// Runs the outputs and remembers their retained messages: an unchanged message is not sent again, and a message that
/// is no longer produced is cleared.
struct OutputStage: Sendable {
    private let entries: [Outputs.Entry]
    /// By meter, then by topic.
    private var kept: [String: [String: Kept]] = [:]

    /// A retained message on the broker.
    private struct Kept: Sendable {
        var entry: Int
        /// Over the payload; nil when an earlier run of the bridge published it.
        var checksum: UInt64?
        var at: Timestamp
        var isDescription: Bool
        var qos: UInt8
    }

    /// A meter has at most 1000 registers; a template with a text in its topic could create topics without end.
    private static let limit = 5000
    /// A retained value is sent again after this time, for brokers that lose it.
    private static let repetition = TimeSpan.minutes(5)

    let birthTopics: [String]
    /// Messages published since the start, by output.
    private(set) var published: [String: Int]

    /// - Parameter published: what the outputs before a reload had published.
    init(_ outputs: Outputs, published: [String: Int] = [:]) {
        self.published = published
        entries = outputs.entries
        birthTopics = outputs.birthTopics
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The description of the meter, as far as it is new; what is no longer true is cleared before it.
    ///
    /// - Parameter isRepeated: true to repeat the whole description.
    mutating func description(of meter: MeterState, at now: Timestamp, isRepeated: Bool = false) -> [Publication] {
        var clearing: [Publication] = []
        var publications: [Publication] = []
        for (index, entry) in entries.enumerated() where entry.concerns(meter.id) {
            let description = entry.output.description(of: meter)
            let topics = Set(description.map(\.topic))
            for (topic, old) in kept[meter.id] ?? [:]
            where old.entry == index && old.isDescription && !topics.contains(topic) {
                clearing.append(Publication(topic: topic, payload: [], qos: old.qos, isRetained: true))
                count(1, entry)
                kept[meter.id]?[topic] = nil
            }
            for publication in description {
                let isNews = note(publication, meter: meter.id, entry: index, at: now, isDescription: true)
                guard isNews || isRepeated else { continue }
                publications.append(publication)
                count(1, entry)
            }
        }
        return clearing.sorted { $0.topic < $1.topic } + publications
    }

    /// The publications of a reading; retained ones only where they changed or were not sent for a while.
    mutating func publications(of reading: Reading, meter: MeterState) -> [Publication] {
        var publications: [Publication] = []
        for (index, entry) in entries.enumerated() where entry.concerns(meter.id) {
            let before = publications.count
            defer { count(publications.count - before, entry) }
            for publication in entry.output.publications(of: reading, meter: meter)
            where !publication.isRetained
                || note(publication, meter: meter.id, entry: index, at: reading.received, isDescription: false)
            {
                publications.append(publication)
            }
        }
        return publications
    }

    /// Momentary values, for a consumer that has just started.
    mutating func freshValues(of meter: MeterState, at now: Timestamp) -> [Publication] {
        var publications: [Publication] = []
        for entry in entries where entry.output.birthTopic != nil && entry.concerns(meter.id) {
            let values = entry.output.freshValues(of: meter, at: now)
            count(values.count, entry)
            publications += values
        }
        return publications
    }

    private mutating func count(_ publications: Int, _ entry: Outputs.Entry) {
        if publications > 0 { published[entry.name, default: 0] += publications }
    }

    /// Takes over what an earlier run described of a restored meter, so that it is cleared when it is no longer true.
    mutating func adopt(_ meter: MeterState) {
        kept[meter.id] = nil
        for (index, entry) in entries.enumerated() where entry.concerns(meter.id) {
            for publication in entry.output.description(of: meter) {
                kept[meter.id, default: [:]][publication.topic] = Kept(
                    entry: index, checksum: nil, at: Timestamp(seconds: 0), isDescription: true, qos: publication.qos)
            }
        }
    }

    /// The current retained messages of a meter.
    func retained(of meter: MeterState) -> [Publication] {
        let snapshot = meter.snapshot
        return entries.filter { $0.concerns(meter.id) }.flatMap { entry in
            let values = snapshot.map { entry.output.publications(of: $0, meter: meter) } ?? []
            return (entry.output.description(of: meter) + values).filter(\.isRetained)
        }
    }

    /// Clears all retained messages of a meter, including those of an earlier run.
    mutating func clear(_ meter: MeterState) -> [Publication] {
        var topics = (kept[meter.id] ?? [:]).mapValues(\.qos)
        for publication in retained(of: meter) { topics[publication.topic] = publication.qos }
        kept[meter.id] = nil
        return topics.sorted { $0.key < $1.key }.map {
            Publication(topic: $0.key, payload: [], qos: $0.value, isRetained: true)
        }
    }

    /// Notes a message that the broker retains from now on.
    ///
    /// - Returns: false when the broker retains the same message already.
    private mutating func note(
        _ publication: Publication, meter: String, entry: Int, at now: Timestamp, isDescription: Bool
    ) -> Bool {
        var checksum = Checksum()
        checksum.combine(publication.payload)
        let known = kept[meter]?[publication.topic]
        if let known, known.checksum == checksum.value,
            isDescription || now - known.at < Self.repetition
        {
            return false
        }
        guard known != nil || (kept[meter]?.count ?? 0) < Self.limit else { return true }
        kept[meter, default: [:]][publication.topic] = Kept(
            entry: entry, checksum: checksum.value, at: now, isDescription: isDescription, qos: publication.qos)
        return true
    }
}

extension MeterState {
    /// All that is known as one reading, to find the topics it would be published on; nil before the first.
    fileprivate var snapshot: Reading? {
        guard let newest else { return nil }
        return Reading(
            meter: id, id: "", time: newest.time, clock: newest.clock, order: .current,
            received: newest.received,
            registers: registers.map(\.value), fixes: [],
            origin: Origin(source: "", adapter: "", topic: "", arrival: Arrival(received: newest.received)))
    }
}
