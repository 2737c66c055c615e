// SPDX-License-Identifier: Apache-2.0

/// How far the times that a row sent are from their arrival.
struct ClockRecord: Sendable {
    /// Milliseconds since the start, and how far the clock was ahead then.
    private(set) var samples: [(at: Int64, ahead: Int64)] = []

    /// So many live readings are remembered.
    private static let limit = 50_000
    /// Less than that shows no drift: clocks tick in seconds.
    private static let shortest: Int64 = 300_000

    mutating func note(_ ahead: Int64, at offset: Int64) {
        if samples.count < Self.limit { samples.append((offset, ahead)) }
    }

    /// Nil when no message had a time.
    var clock: PlugTestRow.Clock? {
        guard let offset = Statistics.median(samples.map(\.ahead)) else { return nil }
        return PlugTestRow.Clock(offset: offset, drift: drift)
    }

    /// From the first third of the run to its last third.
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
        // Below the second in which clocks tick there is nothing to see.
        guard abs(after - before) >= 1000 else { return 0 }
        // Times of payloads may be thousands of years apart.
        return Int64(clamping: Int128(after - before) * 3_600_000 / Int128(to - from))
    }

    /// The hours of an offset that is a whole number of them other than 0, give or take three minutes: a zone that is wrong.
    static func wholeHours(_ offset: Int64) -> Int64? {
        let hour: Int64 = 3_600_000
        let whole = (offset + (offset < 0 ? -hour : hour) / 2) / hour
        return whole != 0 && abs(whole) <= 14 && abs(offset - whole * hour) <= 180_000 ? whole : nil
    }
}
