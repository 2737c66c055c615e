// SPDX-License-Identifier: Apache-2.0

/// The entries of `meters:`, indexed for look-ups; a grid operator's table has tens of thousands.
struct MeterTable: Sendable {
    private let entries: [MeterEntry]
    private var rawIDs: [String: Int] = [:]
    private var levels: [String: Int] = [:]

    init(_ entries: [MeterEntry]) {
        self.entries = entries
        // An id belongs to the first entry that names it.
        for (index, entry) in entries.enumerated() {
            for id in entry.rawIDs where rawIDs[id] == nil { rawIDs[id] = index }
            let level = MeterID.level(given: entry.id)
            if levels[level] == nil { levels[level] = index }
        }
    }

    /// The entry of a meter with this id in its payloads.
    func entry(rawID: String) -> MeterEntry? { rawIDs[rawID].map { entries[$0] } }

    /// The entry of a meter by the level of its topics.
    func entry(level: String) -> MeterEntry? { levels[level].map { entries[$0] } }
}
