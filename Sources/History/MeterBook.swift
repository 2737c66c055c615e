// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The history of one meter while it is being written: the newest value of each register, and the quarter hours that
/// are not in the file yet.
///
/// A value type: it reads no clock and no file. Existing rows are requested through `stored`.
struct MeterBook: Sendable {
    /// The newest value of a register.
    struct Head: Sendable, Equatable {
        var series: Series
        /// The newest value; nil before the first of its series, and for a momentary value that was read back.
        var value: Int64?
        /// The time of that value; nil before the first.
        var second: Int64?
    }

    /// A value of a raw reading.
    typealias RawValue = (series: Int64, value: Int64)

    let meter: String
    private(set) var heads: [OBISCode: Head] = [:]
    /// The quarters in memory by their start: the newest ones, and those that changed.
    private(set) var quarters: [Int64: [Entry]] = [:]
    /// Those of them that differ from the file.
    private(set) var changed: Set<Int64> = []

    init(meter: String, heads: [OBISCode: Head] = [:]) {
        self.meter = meter
        self.heads = heads
    }

    /// Adds a reading.
    ///
    /// - Parameters:
    ///   - isCounter: whether a register only rises.
    ///   - number: returns a number for a new series.
    ///   - stored: the row of a quarter in the file; empty when there is none.
    /// - Returns: the series that began, and the raw values to keep.
    mutating func take(
        _ reading: HistoryReading, isCounter: (OBISCode) -> Bool, number: () -> Int64,
        stored: (_ quarter: Int64) -> [Entry]
    ) -> (series: [Series], raw: [RawValue]) {
        var began: [Series] = []
        var raw: [RawValue] = []
        raw.reserveCapacity(reading.registers.count)
        let readingSecond = reading.time.secondReached
        for register in reading.registers {
            guard case .number(let value) = register.value else { continue }
            let second = register.time?.secondReached ?? readingSecond
            guard let known = head(register, value, reading, isCounter: isCounter, number: number, began: &began),
                let integer = known.series.integer(value)
            else { continue }
            var head = known
            raw.append((head.series.id, integer))
            // A duplicate delivery, or a register that is repeated with its capture time.
            if head.second == second, head.value ?? integer == integer { continue }
            let quarter = Quarter.start(holding: second)
            enter(integer, at: second, head: head, in: quarter, stored: stored)
            head.value = integer
            head.second = second
            heads[register.obis] = head
        }
        return (began, raw)
    }

    private mutating func enter(
        _ value: Int64, at second: Int64, head: Head, in quarter: Int64, stored: (_ quarter: Int64) -> [Entry]
    ) {
        var entries = quarters[quarter] ?? stored(quarter)
        // Avoids a copy while it is changed.
        quarters[quarter] = nil
        if let position = entries.position(of: head.series.id) {
            entries[position].bucket.take(value, at: second, after: head.value ?? value)
        } else {
            let bucket = Bucket(
                value, isCounter: head.series.isCounter, at: second, after: head.value, since: head.second)
            entries.append(Entry(series: head.series.id, bucket: bucket))
        }
        quarters[quarter] = entries
        changed.insert(quarter)
    }

    /// The newest value of a register before this one, in a series that can hold this one.
    private func head(
        _ register: RegisterValue, _ value: ExactDecimal, _ reading: HistoryReading, isCounter: (OBISCode) -> Bool,
        number: () -> Int64, began: inout [Series]
    ) -> Head? {
        let unit = register.unit?.symbol
        guard let known = heads[register.obis] else {
            let counts = isCounter(register.obis)
            let series = Series(
                id: number(), meter: meter, register: register.obis, unit: unit, isCounter: counts,
                // A counter with a whole number may show its decimals a moment later.
                exponent: counts ? min(value.exponent, -3) : value.exponent, epoch: 0)
            guard series.integer(value) != nil else { return nil }
            began.append(series)
            return Head(series: series)
        }
        let falls = known.series.isCounter && known.value.map { value < known.series.number($0) } ?? false
        let isNew = falls || known.series.unit != unit || reading.beginsAnew(register.obis)
        if !isNew, known.series.integer(value) != nil { return known }
        var series = known.series
        series.id = number()
        series.unit = unit
        series.exponent = min(series.exponent, value.exponent)
        if isNew { series.epoch += 1 }
        guard series.integer(value) != nil else { return nil }
        // With more digits it is the same counter: its rise since the last value counts.
        let previous = isNew ? nil : known.value.flatMap { series.integer(known.series.number($0)) }
        began.append(series)
        return Head(series: series, value: previous, second: isNew ? nil : known.second)
    }

    /// The quarters that are not in the file yet, with their start; they count as written until `writeFailed`.
    var pending: [(start: Int64, entries: [Entry])] {
        changed.sorted().map { ($0, quarters[$0] ?? []) }
    }

    /// Notes that everything pending is in the file: only the newest quarters stay in memory.
    mutating func written() {
        changed = []
        guard quarters.count > 2 else { return }
        for old in quarters.keys.sorted().dropLast(2) { quarters[old] = nil }
    }
}
