// SPDX-License-Identifier: Apache-2.0

/// Finds two meters under one id: a counter that alternates between two rising sequences.
struct CollisionWatch: Sendable, Equatable {
    /// The last values of the two sequences; the first is that of the last reading.
    private(set) var tracks: [ExactDecimal] = []
    /// How often the counter changed from one sequence to the other.
    private(set) var changes = 0
    /// Readings in a row that stayed in one sequence.
    private(set) var steady = 0

    init(tracks: [ExactDecimal] = [], changes: Int = 0, steady: Int = 0) {
        self.tracks = Array(tracks.prefix(2))
        self.changes = changes
        self.steady = steady
    }

    /// A counter that changed this often is neither a repaired value nor a late message.
    private static let proof = 6
    /// After this many readings of one meter alone, the other meter is gone.
    private static let quiet = 50
    /// What a household may use between two readings of one meter, in kWh; two meters that are closer cannot be told apart.
    private static let step = ExactDecimal(5)

    /// True while two meters send under the id.
    var isCertain: Bool { changes >= Self.proof }

    /// Takes in a counter in kWh. Zero is ignored: readers send it when they have no value.
    mutating func take(_ value: ExactDecimal) {
        guard !value.isZero else { return }
        guard let index = tracks.firstIndex(where: { follows(value, $0) }) else {
            tracks.insert(value, at: 0)
            if tracks.count > 2 {
                tracks.removeLast()
                changes = 0
            }
            return
        }
        tracks.remove(at: index)
        tracks.insert(value, at: 0)
        if index == 1 {
            changes += 1
            steady = 0
        } else if changes > 0 {
            steady += 1
            if steady >= Self.quiet { changes = 0 }
        }
    }

    private func follows(_ value: ExactDecimal, _ track: ExactDecimal) -> Bool {
        guard value >= track, let most = track.adding(Self.step) else { return false }
        return value <= most
    }
}
