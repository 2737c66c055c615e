// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// All watched meters, updated from the messages on their topics.
struct WatchBoard {
    private let topics: Topics
    private let only: Set<String>
    private(set) var meters: [String: WatchedMeter] = [:]
    /// Ids of some meters that were not asked for, to suggest them instead.
    private var others: Set<String> = []

    /// - Parameter only: the ids to watch; empty for every meter.
    init(topics: Topics, only: Set<String>) {
        self.topics = topics
        self.only = only
    }

    /// The topic filters to subscribe to.
    var filters: [String] {
        [topics.state, topics.reading, topics.availability].filter(\.isEnabled).compactMap { $0.pattern?.filter }
    }

    /// Takes in a message; returns its meter, or nil when it changes no meter.
    mutating func take(topic: String, payload: [UInt8]) -> WatchedMeter? {
        guard let (kind, id) = kind(of: topic) else { return nil }
        guard only.isEmpty || only.contains(id) else {
            if others.count < 100, !payload.isEmpty { others.insert(id) }
            return nil
        }
        guard !payload.isEmpty else {
            // Cleared: the meter is gone.
            if kind == .state { meters[id] = nil }
            return nil
        }
        guard meters[id] != nil || meters.count < Self.limit else { return nil }
        var meter = meters[id] ?? WatchedMeter(id: id)
        switch kind {
        case .availability:
            meter.take(isOnline: payload.elementsEqual("online".utf8))
        case .reading, .state:
            guard let document = try? JSONDocument.parse(payload) else { return nil }
            if kind == .reading { meter.take(reading: document.root) } else { meter.take(state: document.root) }
        }
        meters[id] = meter
        return meter
    }

    /// Sentences about meters that were asked for and do not exist.
    var missing: [String] {
        only.subtracting(meters.keys).sorted().map { id in
            let hint = others.isEmpty ? " yet: no meter is published" : NearestWord.hint(id, in: others)
            return "no meter \"\(Printable.escaped(id))\"\(hint)"
        }
    }

    /// The meter that a topic is about.
    func meterID(of topic: String) -> String? { kind(of: topic)?.1 }

    private enum Kind { case reading, state, availability }

    private func kind(of topic: String) -> (Kind, String)? {
        for (kind, rule) in [
            (Kind.reading, topics.reading), (.state, topics.state), (.availability, topics.availability),
        ] {
            guard rule.isEnabled, let id = rule.pattern?.captures(topic)?.first else { continue }
            return (kind, String(id))
        }
        return nil
    }

    private static let limit = 20_000
}
