// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The topics of one meter: those of every message are stored, the others are built from parts that all meters of a
/// profile share.
struct MeterTopics: Sendable {
    let reading: String
    let state: String
    private let meter: String
    private let stems: Stems

    var info: String { stems.info.topic(of: meter) }
    var availability: String { stems.availability.topic(of: meter) }

    /// The topic of one register, by its code.
    func topic(_ obis: OBISCode) -> String { stems.obis.topic(obis, of: meter) }
    /// The topic of one register, by its alias.
    func topic(alias: String) -> String { stems.value.topic(alias, of: meter) }

    init(meter: String, topics: Topics) {
        self.meter = meter
        stems = Stems.shared(topics)
        reading = stems.reading.topic(of: meter)
        state = stems.state.topic(of: meter)
    }

    /// The parts from which the topics of all meters are built.
    private final class Stems: Sendable {
        let reading, state, info, availability, obis, value: TopicStem
        private let templates: [String]

        private init(_ templates: [String]) {
            self.templates = templates
            reading = TopicStem(templates[0])
            state = TopicStem(templates[1])
            info = TopicStem(templates[2])
            availability = TopicStem(templates[3])
            obis = TopicStem(templates[4], word: "obis")
            value = TopicStem(templates[5], word: "alias")
        }

        private static let latest = Mutex<Stems?>(nil)

        /// One instance for all meters of a profile, which are made one after the other.
        static func shared(_ topics: Topics) -> Stems {
            let templates = [topics.reading, topics.state, topics.info, topics.availability, topics.obis, topics.value]
                .map(\.template)
            return latest.withLock { latest in
                if let latest, latest.templates == templates { return latest }
                let stems = Stems(templates)
                latest = stems
                return stems
            }
        }
    }
}

/// A topic with placeholders for the meter, its tenant and one word, so that a meter's registers do not need a stored
/// topic each.
struct TopicStem: Sendable {
    /// The fixed pieces, one after the other.
    private let bytes: [UInt8]
    /// The placeholder after each piece, and where that piece ends.
    private let places: [(end: Int, kind: Kind)]

    private enum Kind {
        case meter, tenant, word
    }

    /// - Parameter word: the name of the word's placeholder; nil for none. A placeholder with any other name stays as
    ///   it is.
    init(_ template: String, word: String? = nil) {
        var bytes: [UInt8] = []
        var places: [(end: Int, kind: Kind)] = []
        var rest = template.utf8[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "{")),
            let close = rest[open...].firstIndex(of: UInt8(ascii: "}"))
        {
            let name = String(decoding: rest[rest.index(after: open)..<close], as: UTF8.self)
            let end = rest.index(after: close)
            let kind: Kind? = name == "meter" ? .meter : name == "tenant" ? .tenant : name == word ? .word : nil
            bytes += kind == nil ? rest[..<end] : rest[..<open]
            if let kind { places.append((bytes.count, kind)) }
            rest = rest[end...]
        }
        self.bytes = bytes + rest
        self.places = places
    }

    /// The topic of a meter, for a template without a word.
    func topic(of meter: String) -> String { topic(of: meter, upTo: 0) { _ in } }

    /// The topic of a word.
    func topic(_ word: String, of meter: String) -> String {
        var word = word
        return word.withUTF8 { word in topic(of: meter, upTo: word.count) { $0.put(word) } }
    }

    /// The topic of a code, without making a string of the code.
    func topic(_ obis: OBISCode, of meter: String) -> String {
        topic(of: meter, upTo: OBISCode.longest, obis.append)
    }

    @inline(__always)
    private func topic(of meter: String, upTo count: Int, _ word: (inout ByteCursor) -> Void) -> String {
        var meter = meter
        return meter.withUTF8 { meter in
            // A tenant's name is the beginning of its meters' ids.
            let room = bytes.count + max(count, meter.count, 1) * places.count
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
                guard let base = buffer.baseAddress else { return "" }
                var cursor = ByteCursor(at: base, room: room)
                bytes.withUnsafeBufferPointer { bytes in
                    var start = 0
                    for index in places.indices {
                        let (end, kind) = places[index]
                        cursor.put(UnsafeBufferPointer(rebasing: bytes[start..<end]))
                        start = end
                        switch kind {
                        case .meter: cursor.put(meter)
                        case .word: word(&cursor)
                        // Where topics have a tenant, every source has one: the configuration is checked for that.
                        case .tenant:
                            var tenant = Tenant.name(in: String(decoding: meter, as: UTF8.self)) ?? "-"
                            tenant.withUTF8 { cursor.put($0) }
                        }
                    }
                    cursor.put(UnsafeBufferPointer(rebasing: bytes[start...]))
                }
                return String(decoding: UnsafeBufferPointer(start: base, count: cursor.at - base), as: UTF8.self)
            }
        }
    }
}
