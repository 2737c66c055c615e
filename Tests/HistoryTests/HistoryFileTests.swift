// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer
@testable import History

/// What stands in the file after all that may happen to it.
@Suite struct HistoryFileTests {
    private static let start: Int64 = 1_770_000_000  // 2026-02-02

    /// A counter that rises by the seconds that pass, in mWh, read every `pause` seconds; its value at each time is known.
    private func feed(_ house: HistoryHouse, from: Int64, to: Int64, every pause: Int64 = 60, commits: Bool = true)
        throws
    {
        for second in stride(from: from, through: to, by: Int(pause)) {
            let value = ExactDecimal(second - Self.start, exponent: -3)
            try house.read(
                HistoryReading(
                    meter: "house", time: Timestamp(seconds: second),
                    registers: [RegisterValue(obis: HistoryHouse.energy, value: .number(value), unit: Unit("kWh"))]))
            if commits, second % 3600 == 0 { try house.commit() }
        }
    }

    private func sums(_ house: HistoryHouse, _ step: HistoryStep, _ from: String, _ to: String) throws -> [String] {
        try house.table(step, from: from, to: to).rows.map { "\($0.energy ?? .zero)\($0.isComplete ? "" : " *")" }
    }

    @Test func `both nights of a year have the energy of their hours`() throws {
        let house = try HistoryHouse(zone: try #require(Zone("Europe/Zurich")))
        let spring = try #require(RFC3339.instant("2026-03-27T23:00:00Z")).seconds
        try feed(house, from: spring, to: spring + 3 * 86_400)
        // 24, 23 and 24 hours of 3.6 kWh.
        #expect(
            try sums(house, .day, "2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z") == ["86.4", "82.8", "86.4"])
        let autumn = try #require(RFC3339.instant("2026-10-23T22:00:00Z")).seconds
        try feed(house, from: autumn, to: autumn + 4 * 86_400)
        #expect(
            try sums(house, .day, "2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z") == ["86.4", "90", "86.4"])
        // The rest of March to the first reading of October, and October itself: a gap loses nothing.
        let all = try house.table(.year, from: "2026-06-01T00:00:00Z", to: "2026-06-02T00:00:00Z").rows
        #expect(all.sum == ExactDecimal(autumn + 4 * 86_400 - spring, exponent: -3))
        #expect(try house.table(.month, from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z").rows.sum == all.sum)
    }

    @Test func `a month has the sum of its days, whatever the zone`() throws {
        let house = try HistoryHouse(zone: try #require(Zone("Europe/Zurich")))
        let first = try #require(RFC3339.instant("2026-03-01T00:00:00+01:00")).seconds
        let last = try #require(RFC3339.instant("2026-04-01T00:00:00+02:00")).seconds
        try feed(house, from: first - 3600, to: last + 3600, every: 300)
        #expect(
            try sums(house, .month, "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z")
                == ["\(ExactDecimal(last - first, exponent: -3))"])
        // Days of another zone are made of the quarters.
        try house.reopen(zone: .utc)
        #expect(try sums(house, .day, "2026-03-10T00:00:00Z", "2026-03-12T00:00:00Z") == ["86.4", "86.4"])
    }

    @Test func `a killed process loses no energy`() throws {
        let house = try HistoryHouse()
        var random = SplitMix64(state: 7)
        var second = Self.start
        try feed(house, from: second, to: second)
        try house.commit()
        for _ in 0..<60 {
            let end = second + Int64.random(in: 60...20_000, using: &random)
            try feed(house, from: second, to: end, every: 10, commits: Bool.random(using: &random))
            // What came since the last commit is gone.
            try house.reopen()
            second = end + Int64.random(in: 1...9000, using: &random)
        }
        try feed(house, from: second, to: second)
        try house.commit()
        let rows = try house.table(.day, from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z").rows
        #expect(rows.sum == ExactDecimal(second - Self.start, exponent: -3))
        #expect(rows.allSatisfy { !($0.energy?.isNegative ?? true) })
    }

    @Test func `a register that was silent for months goes on where it stood`() throws {
        let house = try HistoryHouse()
        try house.count("5", at: "2026-01-02T10:00:30Z")
        for day in 3..<28 {
            try house.read(
                try HistoryHouse.reading(
                    [(HistoryHouse.power, "1", "W")], at: "2026-01-\(day < 10 ? "0" : "")\(day)T10:00:30Z"))
        }
        try house.commit()
        try house.reopen()
        try house.count("9", at: "2026-03-20T10:00:30Z")
        #expect(
            try house.lines(.day, from: "2026-03-20T00:00:00Z", to: "2026-03-21T00:00:00Z")
                == ["2026-03-20T00:00:00Z 4 9 *"])
    }

    @Test func `a day knows its highest whole quarter hour`() throws {
        let house = try HistoryHouse()
        let noon = try #require(RFC3339.instant("2026-06-10T12:00:00Z")).seconds
        var value: Int64 = 0
        for minute in -180...180 {
            // 3 kWh in one quarter, and a gap of an hour with more in it.
            let rise: Int64 = (16...30).contains(minute) ? 200 : 10
            value += rise
            if (60...119).contains(minute) { continue }
            try house.read(
                try HistoryHouse.reading(
                    [(HistoryHouse.energy, "\(ExactDecimal(value, exponent: -3))", "kWh")],
                    at: Timestamp(seconds: noon + Int64(minute) * 60)))
        }
        try house.count("100", at: "2026-06-11T12:00:00Z")
        let row = try #require(
            try house.table(.day, from: "2026-06-10T00:00:00Z", to: "2026-06-11T00:00:00Z").rows.first)
        guard case .counter(_, _, let peak) = row.content else { return #expect(Bool(false)) }
        #expect(peak?.energy == ExactDecimal(3) && peak?.start == RFC3339.instant("2026-06-10T12:15:00Z"))
    }

    @Test func `the file and what stands beside it are its owner's alone`() throws {
        let house = try HistoryHouse()
        try house.count("1", at: "2026-06-10T12:00:00Z")
        try house.commit()
        for name in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: house.path + name)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func `what is older than it may be is deleted`() throws {
        let house = try HistoryHouse()
        house.keepsRaw = true
        try feed(house, from: Self.start, to: Self.start + 5 * 86_400, every: 600)
        try house.commit()
        let cut = Self.start + 2 * 86_400
        try house.file.trim(raw: cut + 86_400, rest: cut)
        let reader = try HistoryReader(path: house.path)
        #expect(reader.first(of: "house")?.seconds == cut)
        #expect(
            try reader.table(
                meter: "house", register: HistoryHouse.energy, from: Timestamp(seconds: 0),
                to: Timestamp(seconds: .max / 4),
                step: .quarter
            ).rows.allSatisfy { $0.start.seconds >= cut - 900 })
        var oldest: Int64 = 0
        try reader.database.query("SELECT min(start) FROM raw") { oldest = $0.integer(0) }
        #expect(oldest >= (cut + 86_400) * 1000)
    }

    @Test func `nothing of a forgotten meter stays in the file`() throws {
        let house = try HistoryHouse()
        house.keepsRaw = true
        try house.count("1", at: "2026-06-10T12:00:00Z", meter: "zebra-4711")
        try house.count("1", at: "2026-06-10T12:00:00Z", meter: "other")
        try house.commit()
        try house.file.forget("zebra-4711")
        house.book.forget("zebra-4711")
        for name in ["", "-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: house.path + name))
            #expect(bytes.range(of: Data("zebra".utf8)) == nil, "\(name)")
        }
        #expect(try HistoryReader(path: house.path).meterNames == ["other"])
        // A reader that still sends brings it back, from nothing.
        try house.count("7", at: "2026-06-10T13:00:00Z", meter: "zebra-4711")
        #expect(
            try house.lines(.hour, from: "2026-06-10T00:00:00Z", to: "2026-06-11T00:00:00Z", meter: "zebra-4711")
                == ["2026-06-10T12:00:00Z 0 7 *"])
    }

    @Test func `a file of a newer version is left alone`() throws {
        let house = try HistoryHouse()
        try house.file.database.run("PRAGMA user_version = 9")
        #expect(throws: DatabaseError.self) { try house.reopen() }
    }

    @Test func `a question of nothing says so`() throws {
        let house = try HistoryHouse()
        try house.count("1", at: "2026-06-10T12:00:00Z")
        try house.commit()
        let reader = try HistoryReader(path: house.path)
        func ask(_ meter: String, _ register: OBISCode, limit: Int? = nil) throws -> HistoryTable {
            try reader.table(
                meter: meter, register: register, from: Timestamp(seconds: 0), to: Timestamp(seconds: 4_000_000_000),
                step: .quarter, limit: limit)
        }
        #expect(throws: HistoryReader.Failure.unknownMeter("x")) { try ask("x", HistoryHouse.energy) }
        #expect(throws: HistoryReader.Failure.unknownRegister(HistoryHouse.power)) {
            try ask("house", HistoryHouse.power)
        }
        #expect(throws: HistoryReader.Failure.tooManyRows(limit: 0)) { try ask("house", HistoryHouse.energy, limit: 0) }
        #expect(throws: HistoryReader.Failure.self) { _ = try HistoryReader(path: house.path + "x") }
    }

    @Test func `the answer is JSON and CSV, named by either edge`() throws {
        let house = try HistoryHouse()
        try house.count("1", at: "2026-06-10T12:00:00Z")
        try house.count("1.25", at: "2026-06-10T12:15:00Z")
        let table = try house.table(.quarter, from: "2026-06-10T12:00:00Z", to: "2026-06-10T12:15:00Z")
        #expect(
            String(decoding: table.json(), as: UTF8.self)
                == #"{"meter":"house","register":"1-0:1.8.0","unit":"kWh","kind":"counter","step":"15m","label":"start","#
                + #""from":"2026-06-10T12:00:00Z","to":"2026-06-10T12:15:00Z","rows":["#
                + #"{"start":"2026-06-10T12:00:00Z","energy":0.25,"last":1.25,"complete":true}]}"#)
        #expect(
            String(decoding: table.csv(label: .end), as: UTF8.self)
                == "end,energy,last,unit,complete\n2026-06-10T12:15:00Z,0.25,1.25,kWh,true\n")
    }
}
