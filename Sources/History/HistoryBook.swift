// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Reads what was written before, when a meter or a quarter hour is not in memory.
protocol HistoryStore {
    /// The newest values of a meter's registers; empty for a new meter.
    func heads(of meter: String) -> [OBISCode: MeterBook.Head]
    /// The row of a quarter; empty when there is none.
    func quarter(startingAt start: Int64, of meter: String) -> [Entry]
}

/// The histories of all meters while they are being written. A value type, like its parts.
struct HistoryBook: Sendable {
    private(set) var meters: [String: MeterBook] = [:]
    /// Series that are not in the file yet.
    private(set) var began: [Series] = []
    /// Raw readings that are not in the file yet, by meter.
    private(set) var raw: [String: RawBlock] = [:]
    private var nextSeries: Int64

    /// Maximum bytes of raw readings that wait for a file that cannot be written; beyond it they are dropped.
    static let rawLimit = 8 << 20

    /// - Parameter nextSeries: a number above those of all series in the file.
    init(nextSeries: Int64 = 1) { self.nextSeries = nextSeries }

    /// True before the first reading.
    var isEmpty: Bool { meters.isEmpty && began.isEmpty }

    /// Adds a reading.
    mutating func take(
        _ reading: HistoryReading, keepsRaw: Bool, isCounter: (OBISCode) -> Bool, store: some HistoryStore
    ) {
        let meter = reading.meter
        var book = meters.removeValue(forKey: meter) ?? MeterBook(meter: meter, heads: store.heads(of: meter))
        var next = nextSeries
        let (series, values) = book.take(
            reading, isCounter: isCounter,
            number: {
                defer { next += 1 }
                return next
            }, stored: { store.quarter(startingAt: $0, of: meter) })
        nextSeries = next
        began += series
        meters[meter] = book
        if keepsRaw, !values.isEmpty { raw[meter, default: RawBlock()].append(values, at: reading.time) }
    }

    /// Notes that everything is in the file.
    mutating func written() {
        began = []
        raw = [:]
        for meter in meters.keys { meters[meter]?.written() }
    }

    /// Notes that the file could not be written: everything waits for the next attempt, raw readings up to the limit.
    mutating func writeFailed() {
        if raw.values.reduce(0, { $0 + $1.bytes.count }) > Self.rawLimit { raw = [:] }
    }

    /// Forgets a meter.
    mutating func forget(_ meter: String) {
        meters[meter] = nil
        raw[meter] = nil
        began.removeAll { $0.meter == meter }
    }
}
