// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Harmonizer
import History
import Page

/// The daily amounts that the page takes from the history: after the start of the process, and for meters beyond those
/// that it keeps in memory.
///
/// Each meter is looked up once per quarter hour, on a thread that may wait for the disk.
final class HistoryDays: @unchecked Sendable {
    // Unchecked: the properties below `queue` are used only on it.

    private let path: @Sendable () -> String?
    private let queue = DispatchQueue(label: "history-days")
    private var reader: HistoryReader?
    private var readerPath: String?
    private var quarter: Int64 = 0
    /// The counters of each meter at midnight, at the midnight before, and at this time yesterday; empty for a meter
    /// without history.
    private var known: [String: [[OBISCode: ExactDecimal]]] = [:]

    /// Seconds after which the history, which writes once a minute, has a value in the file.
    private static let settling: Int64 = 90

    /// - Parameter path: returns the path of the history; nil without one.
    init(path: @escaping @Sendable () -> String?) { self.path = path }

    /// The data with the daily amounts that the history knows.
    func completed(_ data: PageData) async -> PageData {
        guard !data.meters.isEmpty, path() != nil else { return data }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.complete(data)) }
        }
    }

    /// Forgets a meter.
    func forget(_ meter: String) { queue.async { self.known[meter] = nil } }

    private func complete(_ data: PageData) -> PageData {
        var data = data
        let path = path()
        let number = data.now.seconds / 900
        if number != quarter || path != readerPath {
            (reader, readerPath, quarter, known) = (nil, path, number, [:])
        }
        let marks = DayMarks(at: data.now, in: data.zone)
        for meter in data.meters {
            var days = data.days[meter.id] ?? [:]
            for register in meter.registers {
                let obis = register.value.obis
                guard DayMarks.isCounted(obis), case .number(let now) = register.value.value,
                    days[obis].map({ $0.since != nil || $0.yesterday == nil }) ?? true
                else { continue }
                let stood = stood(meter.id, marks)
                guard stood.count == 3 else { break }
                let amount = DayAmount(
                    days[obis], now: now, atMidnight: stood[0][obis], atFormerMidnight: stood[1][obis],
                    yesterday: stood[2][obis])
                if let amount { days[obis] = amount }
            }
            if !days.isEmpty { data.days[meter.id] = days }
        }
        // Values of just before midnight may not be in the file yet.
        if data.now.seconds % 900 < Self.settling { quarter = 0 }
        return data
    }

    private func stood(_ meter: String, _ marks: DayMarks) -> [[OBISCode: ExactDecimal]] {
        if let known = known[meter] { return known }
        if reader == nil, let path = readerPath { reader = try? HistoryReader(path: path) }
        let found = try? reader?.counters(of: meter, before: [marks.midnight, marks.former, marks.sameTime])
        known[meter] = found ?? []
        return found ?? []
    }
}
