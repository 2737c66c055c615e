// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The differences between the times that a row sent and their arrival.
struct ClockRecord: Sendable {
    /// For each live reading: the time since the start, and how far the clock was ahead.
    private(set) var samples: [(at: TimeSpan, ahead: TimeSpan)] = []

    /// The number of live readings kept.
    private static let limit = 50_000
    /// A shorter run shows no drift: clocks tick in seconds.
    private static let shortest = TimeSpan.minutes(5)

    mutating func note(_ ahead: TimeSpan, at offset: TimeSpan) {
        if samples.count < Self.limit { samples.append((offset, ahead)) }
    }

    /// The clock's offset and drift; nil when no message had a time.
    var clock: PlugTestRow.Clock? {
        guard let offset = Statistics.median(samples.map(\.ahead)) else { return nil }
        return PlugTestRow.Clock(offset: offset, drift: drift)
    }

    /// The time gained per hour, from the first third of the run to its last third.
    private var drift: TimeSpan? {
        guard samples.count >= 9, let first = samples.first?.at, let last = samples.last?.at,
            last - first >= Self.shortest
        else { return nil }
        let third = samples.count / 3
        let early = samples.prefix(third)
        let late = samples.suffix(third)
        guard let before = Statistics.median(early.map(\.ahead)), let after = Statistics.median(late.map(\.ahead)),
            let from = Statistics.median(early.map(\.at)), let to = Statistics.median(late.map(\.at)), to > from
        else { return nil }
        // A difference below the clock's resolution of one second is not a drift.
        guard (after - before).magnitude >= .seconds(1) else { return .zero }
        // Times in payloads may be thousands of years apart.
        let gain = Int128((after - before).milliseconds) * 3_600_000 / Int128((to - from).milliseconds)
        return .milliseconds(Int64(clamping: gain))
    }
}
