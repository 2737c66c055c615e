// SPDX-License-Identifier: Apache-2.0

/// Counts of what a pipeline did since it was created, by source and in total.
public struct Counters: Sendable, Equatable {
    /// The counts of one source.
    public struct Source: Sendable, Equatable {
        /// The source's name; empty for messages that no source reads.
        public let name: String
        /// Messages taken.
        public internal(set) var received = 0
        /// Readings made.
        public internal(set) var readings = 0
        /// Messages known not to be meter data, by kind.
        public internal(set) var ignored: [String: Int] = [:]
        /// Messages not understood, by reason.
        public internal(set) var rejected: [Rejection.Reason: Int] = [:]
        /// Readings with a repair, by rule.
        public internal(set) var fixes: [Fix.Rule: Int] = [:]

        fileprivate var isEmpty: Bool {
            received == 0 && readings == 0 && ignored.isEmpty && rejected.isEmpty && fixes.isEmpty
        }

        fileprivate mutating func add(_ other: Source) {
            received += other.received
            readings += other.readings
            ignored.merge(other.ignored, uniquingKeysWith: +)
            rejected.merge(other.rejected, uniquingKeysWith: +)
            fixes.merge(other.fixes, uniquingKeysWith: +)
        }
    }

    /// The sources of the settings in their order, then those that a reload removed.
    public private(set) var sources: [Source]
    /// The counts of messages that no source reads.
    public private(set) var others = Source(name: "")
    /// Messages published.
    public internal(set) var publications = 0
    /// Rejects that were counted and not published.
    public internal(set) var suppressedRejects = 0
    /// Labels without an OBIS code, their values not published.
    public internal(set) var unknownLabels = 0
    /// Lines and members that were malformed, their message kept.
    public internal(set) var malformed = 0

    /// The limit of removed sources whose counts are kept separately.
    private static let formerLimit = 1000

    /// Starts with no counts.
    ///
    /// - Parameter sources: their names, in the order of the settings.
    init(sources: [String] = []) { self.sources = sources.map { Source(name: $0) } }

    /// Continues the counts after a reload.
    mutating func follow(_ names: [String]) {
        var former = Dictionary(sources.map { ($0.name, $0) }) { first, _ in first }
        sources = names.map { former.removeValue(forKey: $0) ?? Source(name: $0) }
        let gone = former.values.filter { !$0.isEmpty }.sorted { $0.name < $1.name }
        sources += gone.prefix(Self.formerLimit)
        for source in gone.dropFirst(Self.formerLimit) { others.add(source) }
    }

    // MARK: - Counting

    /// Counts by the source's place in the settings, nil for no source.
    mutating func count(received source: Int?) { update(source) { $0.received += 1 } }

    mutating func count(reading source: Int) { update(source) { $0.readings += 1 } }

    mutating func count(ignored kind: String, source: Int?) {
        update(source) { counts in
            // The kinds are a handful; one made from a payload must not fill the memory.
            let isKnown = counts.ignored[kind] != nil || counts.ignored.count < 100
            counts.ignored[isKnown ? kind : "other", default: 0] += 1
        }
    }

    mutating func count(_ rejection: Rejection, source: Int?) {
        update(source) { $0.rejected[rejection.reason, default: 0] += 1 }
    }

    mutating func count(_ fix: Fix, source: Int?) { update(source) { $0.fixes[fix.rule, default: 0] += 1 } }

    /// The place of a source that is known by its name alone.
    func index(ofSource name: String) -> Int? { sources.firstIndex { $0.name == name } }

    private mutating func update(_ source: Int?, _ change: (inout Source) -> Void) {
        if let source, sources.indices.contains(source) { change(&sources[source]) } else { change(&others) }
    }

    // MARK: - Totals

    /// Messages taken.
    public var received: Int { sources.reduce(others.received) { $0 + $1.received } }
    /// Readings made.
    public var readings: Int { sources.reduce(others.readings) { $0 + $1.readings } }
    /// Messages known not to be meter data, by kind.
    public var ignored: [String: Int] { sum(\.ignored) }
    /// Messages not understood, by reason.
    public var rejected: [Rejection.Reason: Int] { sum(\.rejected) }
    /// Readings with a repair, by rule.
    public var fixes: [Fix.Rule: Int] { sum(\.fixes) }

    private func sum<Key: Hashable>(_ counts: KeyPath<Source, [Key: Int]>) -> [Key: Int] {
        sources.reduce(into: others[keyPath: counts]) { $0.merge($1[keyPath: counts], uniquingKeysWith: +) }
    }
}
