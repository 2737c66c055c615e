// SPDX-License-Identifier: Apache-2.0

/// Reports once for each source that nothing came for it: a wrong topic is the most common mistake, and otherwise
/// invisible. And reports once that all of them send.
struct SilentSources: Sendable {
    private let sources: [(name: String, place: String, hint: String)]
    private var unheard: Set<Int>
    private var start: Timestamp?
    private var isSaid = false

    /// A reader publishes every few seconds, the slowest list of a meter every minute.
    static let patience = TimeSpan.minutes(1)

    init(sources: [Source]) {
        self.sources = sources.map { source in
            if let origin = source.origin { return (source.name, "from \(origin)", "") }
            return (source.name, "on \(source.filters.first?.filter ?? "")", "; run obis-bridge discover")
        }
        unheard = Set(sources.indices)
    }

    /// - Returns: true for the last awaited source.
    @discardableResult
    mutating func heard(_ source: Int) -> Bool { unheard.remove(source) != nil && unheard.isEmpty }

    /// The time is counted from the first call.
    mutating func advance(to now: Timestamp) -> [Notice] {
        guard !unheard.isEmpty else { return [] }
        guard let start else {
            start = now
            return []
        }
        guard now - start >= Self.patience else { return [] }
        // Sources that send later are still awaited, and reported then.
        guard !isSaid else { return [] }
        isSaid = true
        return unheard.sorted().map { index in
            .sourceSilent(source: sources[index].name, place: sources[index].place, hint: sources[index].hint)
        }
    }
}
