// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer
@testable import History

/// What a history costs: bytes written to the disk, bytes of file, time of a chart. Short in every test run; `Scripts/history` simulates
/// a day and a year.
@Suite(.timeLimit(.minutes(20 * Patience.factor))) struct HistoryScaleTests {
    private static let isLong = ProcessInfo.processInfo.environment["OBIS_HISTORY_LONG"] != nil
    private static let start: Int64 = 1_767_222_000  // 2026-01-01 in Zurich

    /// A made-up house of thirty registers: 8 counters, 22 momentary values.
    private struct House {
        var random = SplitMix64(state: 24)
        var counters = [Int64](repeating: 12_345_678, count: 8)
        static let codes =
            [1, 2, 3, 4].map { OBISCode(1, 0, 1, 8, $0 - 1) } + [1, 2, 3, 4].map { OBISCode(1, 0, 2, 8, $0 - 1) }
            + [1, 2, 16, 3, 4, 21, 22, 41, 42, 61, 62, 31, 51, 71, 32, 52, 72, 14, 13, 33, 53, 73]
            .map { OBISCode(1, 0, $0, 7, 0) }

        mutating func reading(at second: Int64, pause: Int64) -> HistoryReading {
            let power = 200 + (second / 60 % 1440) * (1440 - second / 60 % 1440) / 200
            let registers = Self.codes.enumerated().map { index, obis -> RegisterValue in
                if obis.isCounter {
                    counters[index] += (power * pause / 3600) / Int64(index + 1) + random.number(0...1)
                    return RegisterValue(
                        obis: obis, value: .number(ExactDecimal(counters[index], exponent: -3)), unit: Unit("kWh"))
                }
                switch obis.c {
                case 32, 52, 72:
                    let value = ExactDecimal(2300 + random.number(-60...60), exponent: -1)
                    return RegisterValue(obis: obis, value: .number(value), unit: Unit("V"))
                case 31, 51, 71, 14, 13, 33, 53, 73:
                    let value = ExactDecimal(random.number(0...1600), exponent: -2)
                    return RegisterValue(obis: obis, value: .number(value), unit: Unit("A"))
                default:
                    let value = ExactDecimal(power + random.number(-100...100))
                    return RegisterValue(obis: obis, value: .number(value), unit: Unit("W"))
                }
            }
            return HistoryReading(meter: "house", time: Timestamp(seconds: second), registers: registers)
        }
    }

    /// Bytes that this thread had written to disks (proc(5), `/proc/pid/io`).
    private static var written: Int64 {
        let text = (try? String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("write_bytes:") }
        return line.flatMap { Int64($0.dropFirst(13)) } ?? 0
    }

    private func feed(
        _ house: inout House, _ history: HistoryHouse, from: Int64, to: Int64, every pause: Int64, commit: Int64
    ) throws {
        for second in stride(from: from, to: to, by: Int(pause)) {
            try history.read(house.reading(at: second, pause: pause))
            if second % commit == 0 { try history.commit() }
            if second % 3600 == 0 {
                try history.file.trim(raw: second - 7 * 86_400, rest: second - 25 * 2_629_746)
            }
        }
        try history.commit()
    }

    private func size(_ history: HistoryHouse) throws -> Int64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: history.path)
        return (attributes[.size] as? NSNumber)?.int64Value ?? 0
    }

    @Test func `a day of thirty registers every ten seconds writes at most 60 MB`() throws {
        let history = try HistoryHouse(zone: try #require(Zone("Europe/Zurich")))
        history.keepsRaw = true
        var house = House()
        let hours: Int64 = Self.isLong ? 24 : 2
        let before = Self.written
        try feed(&house, history, from: Self.start, to: Self.start + hours * 3600, every: 10, commit: 60)
        let bytes = (Self.written - before) * 24 / hours
        print("history: a day of 30 registers every 10 s writes \(bytes / 1_000_000) MB, measured over \(hours) h")
        // A file system without a disk counts nothing.
        #expect(bytes < 60_000_000)
    }

    @Test(.enabled(if: isLong)) func `a year is at most 60 MB of file, and its charts are quick`() throws {
        let history = try HistoryHouse(zone: try #require(Zone("Europe/Zurich")))
        var house = House()
        let end = Self.start + 365 * 86_400
        // What quarter hours hold does not depend on how many readings they are made of; single readings are kept for a week.
        try feed(&house, history, from: Self.start, to: end - 7 * 86_400, every: 100, commit: 900)
        history.keepsRaw = true
        try feed(&house, history, from: end - 7 * 86_400, to: end, every: 10, commit: 60)
        try history.file.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        let bytes = try size(history)
        print("history: a year of 30 registers and a week of readings every 10 s are \(bytes / 1_000_000) MB of file")
        #expect(bytes < 60_000_000)
        for (name, step, days, rows) in [
            ("a day of quarter hours", HistoryStep.quarter, Int64(1), 96),
            ("a month of quarter hours", .quarter, 31, 2976),
            ("a month of hours", .hour, 31, 744), ("a month of days", .day, 31, 31), ("a year of days", .day, 365, 365),
            ("a year of months", .month, 365, 12),
        ] {
            for register in [HistoryHouse.energy, HistoryHouse.power] {
                let clock = ContinuousClock.now
                let table = try HistoryReader(path: history.path).table(
                    meter: "house", register: register, from: Timestamp(seconds: end - days * 86_400),
                    to: Timestamp(seconds: end), step: step)
                let milliseconds = (ContinuousClock.now - clock) / .milliseconds(1)
                print("history: \(name) of \(register): \(table.rows.count) rows in \(Int(milliseconds)) ms")
                #expect(abs(table.rows.count - rows) <= 1)
            }
        }
        let year = try HistoryReader(path: history.path).table(
            meter: "house", register: HistoryHouse.energy, from: Timestamp(seconds: Self.start - 1),
            to: Timestamp(seconds: end), step: .month)
        #expect(year.rows.sum == ExactDecimal(house.counters[0] - firstCounter(), exponent: -3))
    }

    @Test func `a thousand meters in one file are written and asked quickly`() throws {
        let zone = try #require(Zone("Europe/Zurich"))
        let history = try HistoryHouse(zone: zone)
        history.keepsRaw = true
        let count: Int64 = Self.isLong ? 1000 : 40
        let codes = House.codes.filter(\.isCounter).prefix(4) + House.codes.filter(\.isInstantaneous).prefix(6)
        func round(at second: Int64) throws {
            for meter in 0..<count {
                let registers = codes.map { obis in
                    let value =
                        obis.isCounter
                        ? ExactDecimal(meter * 1_000_000 + (second - Self.start) * (meter % 7 + 1) / 10, exponent: -3)
                        : ExactDecimal(200 + (second / 60 + meter) % 3000)
                    return RegisterValue(
                        obis: obis, value: .number(value), unit: Unit(obis.isCounter ? "kWh" : "W"))
                }
                try history.read(
                    HistoryReading(meter: "meter-\(meter)", time: Timestamp(seconds: second), registers: registers))
            }
        }
        // A day and a half by the quarter hour, then half an hour by the minute.
        let busy = Self.start + 36 * 3600
        for second in stride(from: Self.start, to: busy, by: 900) {
            try round(at: second)
            try history.commit()
        }
        let before = Self.written
        var longest = Duration.zero
        for second in stride(from: busy, to: busy + 1800, by: 60) {
            try round(at: second)
            let clock = ContinuousClock.now
            try history.commit()
            longest = max(longest, ContinuousClock.now - clock)
        }
        let bytes = (Self.written - before) * 48
        print("history: \(count) meters of 10 registers every minute write \(bytes / 1_000_000) MB a day")
        print("history: \(count) meters: the longest commit took \(Int(longest / .milliseconds(1))) ms")
        try history.file.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        print("history: \(count) meters: \(try size(history) / 1_000_000) MB after 36.5 hours")
        func timed(_ name: String, _ body: () throws -> Int) rethrows {
            let clock = ContinuousClock.now
            let rows = try body()
            let milliseconds = (ContinuousClock.now - clock) / .milliseconds(1)
            print("history: \(count) meters: \(name): \(rows) in \(Int(milliseconds)) ms")
            #expect(rows > 0)
        }
        let end = Timestamp(seconds: busy + 1800)
        for (name, register) in [("energy", HistoryHouse.energy), ("power", HistoryHouse.power)] {
            try timed("rows of a day's chart of \(name) of one") {
                try HistoryReader(path: history.path, only: "meter-7").table(
                    meter: "meter-7", register: register, from: end - .days(1), to: end,
                    step: .quarter
                ).rows.count
            }
        }
        try timed("cards with today and yesterday") {
            let reader = try HistoryReader(path: history.path)
            let midnight = Timestamp(seconds: Self.start + 86_400)
            return try reader.meterNames.filter { meter in
                let stood = try reader.counters(
                    of: meter, before: [midnight, midnight - .hours(1), end])
                return stood.allSatisfy { $0.count == 4 }
            }.count
        }
    }

    /// The first value of the first counter.
    private func firstCounter() -> Int64 {
        var house = House()
        _ = house.reading(at: Self.start, pause: 100)
        return house.counters[0]
    }
}
