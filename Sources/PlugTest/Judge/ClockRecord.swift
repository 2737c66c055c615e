// SPDX-License-Identifier: Apache-2.0

/// The differences between the times that a row sent and their arrival.
struct ClockRecord: Sendable {
    /// For each live reading: milliseconds since the start, and milliseconds that the clock was ahead.
    private(set) var samples: [(at: Int64, ahead: Int64)] = []

    /// The number of live readings kept.
    private static let limit = 50_000
    /// A shorter run, in milliseconds, shows no drift: clocks tick in seconds.
    private static let shortest: Int64 = 300_000

    mutating func note(_ ahead: Int64, at offset: Int64) {
        if samples.count < Self.limit { samples.append((offset, ahead)) }
    }

    /// The clock's offset and drift; nil when no message had a time.
    var clock: PlugTestRow.Clock? {
        guard let offset = Statistics.median(samples.map(\.ahead)) else { return nil }
        return PlugTestRow.Clock(offset: offset, drift: drift)
    }

    /// Milliseconds gained per hour, from the first third of the run to its last third.
    private var drift: Int64? {
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
        guard abs(after - before) >= 1000 else { return 0 }
        // Times in payloads may be thousands of years apart.
        return Int64(clamping: Int128(after - before) * 3_600_000 / Int128(to - from))
    }

    /// The hours of an offset that is a non-zero whole number of hours within three minutes, as a wrong time zone
    /// gives; else nil.
    static func wholeHours(_ offset: Int64) -> Int64? {
        let hour: Int64 = 3_600_000
        let whole = (offset + (offset < 0 ? -hour : hour) / 2) / hour
        return whole != 0 && abs(whole) <= 14 && abs(offset - whole * hour) <= 180_000 ? whole : nil
    }
}
