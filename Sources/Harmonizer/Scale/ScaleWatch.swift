// SPDX-License-Identifier: Apache-2.0

/// Learns a power of ten, and its end when a reader is updated, from readings that agree for a long time.
struct ScaleWatch: Sendable, Equatable {
    /// The power of ten by which a quantity has to be multiplied; absent where it is right, or nothing is certain.
    private(set) var certain: [Quantity: Int] = [:]
    /// At most one run for each quantity.
    private var runs: [Run] = []
    private var looked: Timestamp?

    /// Readings that agree.
    private struct Run: Equatable {
        let since: Timestamp
        let quantity: Quantity
        let power: Int8
        var count: UInt8 = 1
        var smallest: Int64
        var largest: Int64
    }

    /// Proof takes this many readings, over this long …
    private static let readings: UInt8 = 30
    private static let span = TimeSpan.hours(1)
    /// … with the largest load this many times the smallest: a chance ratio does not follow the load.
    private static let variation: Int64 = 3

    /// Restores what an earlier run was certain of.
    mutating func restore(_ powers: [Quantity: Int]) { certain = powers }

    /// True when another reading is worth a look: a reading every second proves no more within an hour.
    mutating func isDue(_ now: Timestamp) -> Bool {
        if let looked, (.zero..<Self.pause).contains(now - looked) { return false }
        looked = now
        return true
    }

    /// The time between two looks.
    private static let pause = TimeSpan.seconds(20)

    /// Takes in the evidence of a reading.
    ///
    /// - Returns: the quantities whose certain power changed.
    mutating func observe(_ evidence: ScaleEvidence, at now: Timestamp) -> [Quantity] {
        var changed: [Quantity] = []
        for quantity in Quantity.allCases {
            guard let power = evidence.powers[quantity] else { continue }
            let load = quantity == .voltage ? 1 : Int64(clamping: evidence.load)
            let place = runs.firstIndex { $0.quantity == quantity }
            guard let place, runs[place].power == power else {
                let run = Run(
                    since: now, quantity: quantity, power: Int8(clamping: power), smallest: load, largest: load)
                if let place { runs[place] = run } else { runs.append(run) }
                continue
            }
            runs[place].count = min(runs[place].count + 1, Self.readings)
            runs[place].smallest = min(runs[place].smallest, load)
            runs[place].largest = max(runs[place].largest, load)
            let run = runs[place]
            let isVaried = quantity == .voltage || run.largest / Self.variation >= run.smallest
            guard run.count >= Self.readings, isVaried, now - run.since >= Self.span,
                (certain[quantity] ?? 0) != power
            else { continue }
            certain[quantity] = power == 0 ? nil : power
            changed.append(quantity)
        }
        return changed
    }
}
