// SPDX-License-Identifier: Apache-2.0

/// Becomes certain of a power of ten, and of its end when a reader is updated, from readings that agree for a long time.
struct ScaleWatch: Sendable, Equatable {
    /// The power of ten by which a quantity has to be multiplied; absent where it is right, or nothing is certain.
    private(set) var certain: [Quantity: Int] = [:]
    private var runs: [Quantity: Run] = [:]
    private var looked: Timestamp?

    /// Readings that agree.
    private struct Run: Equatable {
        var power: Int
        var count = 1
        let since: Timestamp
        var smallest: Int128
        var largest: Int128
    }

    /// So many readings, over so many milliseconds …
    private static let readings = 30
    private static let span: Int64 = 3_600_000
    /// … at loads of which the largest is so many times the smallest: a chance ratio does not follow the load.
    private static let variation: Int128 = 3

    /// What an earlier run was certain of.
    mutating func restore(_ powers: [Quantity: Int]) { certain = powers }

    /// True when another reading is worth a look: an hour of them proves no more when it is one of every second.
    mutating func isDue(_ now: Timestamp) -> Bool {
        if let looked, (0..<Self.pause).contains(now.milliseconds(since: looked)) { return false }
        looked = now
        return true
    }

    /// Milliseconds between two looks.
    private static let pause: Int64 = 20_000

    /// Takes in what a reading says.
    ///
    /// - Returns: the quantities of which something else is certain from now on.
    mutating func observe(_ evidence: ScaleEvidence, at now: Timestamp) -> [Quantity] {
        var changed: [Quantity] = []
        for quantity in Quantity.allCases {
            guard let power = evidence.powers[quantity] else { continue }
            let load = quantity == .voltage ? 1 : evidence.load
            guard var run = runs[quantity], run.power == power else {
                runs[quantity] = Run(power: power, since: now, smallest: load, largest: load)
                continue
            }
            run.count = min(run.count + 1, Self.readings)
            run.smallest = min(run.smallest, load)
            run.largest = max(run.largest, load)
            runs[quantity] = run
            let isVaried = quantity == .voltage || run.largest >= run.smallest * Self.variation
            guard run.count >= Self.readings, isVaried, now.milliseconds(since: run.since) >= Self.span,
                (certain[quantity] ?? 0) != power
            else { continue }
            certain[quantity] = power == 0 ? nil : power
            changed.append(quantity)
        }
        return changed
    }
}
