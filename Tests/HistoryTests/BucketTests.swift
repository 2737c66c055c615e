// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Harmonizer
@testable import History

/// What quarter hours hold of the readings that came.
@Suite struct BucketTests {
    private let day = (from: "2026-06-10T00:00:00Z", to: "2026-06-11T00:00:00Z")

    @Test func `a counter's energy in a quarter is what it rose by until the quarter's end`() throws {
        let house = try HistoryHouse()
        try house.count("100", at: "2026-06-10T09:58:00Z")
        try house.count("100.1", at: "2026-06-10T10:05:00Z")
        try house.count("100.25", at: "2026-06-10T10:15:00Z")
        try house.count("100.3", at: "2026-06-10T10:15:10Z")
        #expect(
            try house.lines(.quarter, from: day.from, to: day.to) == [
                "2026-06-10T09:45:00Z 0 100 *", "2026-06-10T10:00:00Z 0.25 100.25",
                "2026-06-10T10:15:00Z 0.05 100.3 *",
            ])
    }

    @Test func `a reading a moment after the edge belongs to the next quarter`() throws {
        let house = try HistoryHouse()
        try house.count("1", at: "2026-06-10T10:00:00Z")
        try house.count("2", at: "2026-06-10T10:15:00.400Z")
        #expect(
            try house.lines(.quarter, from: day.from, to: day.to) == [
                "2026-06-10T09:45:00Z 0 1 *", "2026-06-10T10:15:00Z 1 2 *",
            ])
    }

    @Test func `a gap loses no energy and makes its quarter incomplete`() throws {
        let house = try HistoryHouse()
        try house.count("100", at: "2026-06-10T08:00:00Z")
        try house.count("103.5", at: "2026-06-10T11:01:00Z")
        try house.count("104", at: "2026-06-10T11:14:58Z")
        #expect(
            try house.lines(.quarter, from: day.from, to: day.to)
                == ["2026-06-10T07:45:00Z 0 100 *", "2026-06-10T11:00:00Z 4 104 *"])
    }

    @Test func `a duplicate changes nothing`() throws {
        let house = try HistoryHouse()
        for (minute, value, times) in [("00", "10", 1), ("05", "20", 1), ("10", "60", 4)] {
            for _ in 0..<times {
                try house.read(
                    HistoryHouse.reading(
                        [(HistoryHouse.energy, "1.\(minute)", "kWh"), (HistoryHouse.power, value, "W")],
                        at: "2026-06-10T10:\(minute):01Z"))
            }
        }
        #expect(
            try house.lines(.quarter, from: day.from, to: day.to, register: HistoryHouse.power)
                == ["2026-06-10T10:00:00Z 10 30 60 *"])
    }

    @Test func `the last reading delivered again after a restart changes nothing`() throws {
        let house = try HistoryHouse()
        let values = [(HistoryHouse.energy, "5", "kWh" as String?), (HistoryHouse.power, "10", "W")]
        try house.read(try HistoryHouse.reading(values, at: "2026-06-10T10:01:00Z"))
        let last = [(HistoryHouse.energy, "5.5", "kWh" as String?), (HistoryHouse.power, "4", "W")]
        try house.read(try HistoryHouse.reading(last, at: "2026-06-10T10:02:00Z"))
        try house.commit()
        try house.reopen()
        try house.read(try HistoryHouse.reading(last, at: "2026-06-10T10:02:00Z"))
        #expect(try house.lines(.quarter, from: day.from, to: day.to) == ["2026-06-10T10:00:00Z 0.5 5.5 *"])
        #expect(
            try house.lines(.quarter, from: day.from, to: day.to, register: HistoryHouse.power)
                == ["2026-06-10T10:00:00Z 4 7 10 *"])
    }

    @Test func `an exchange begins a new epoch and never gives a negative difference`() throws {
        let house = try HistoryHouse()
        try house.count("5000", at: "2026-06-10T10:00:00Z")
        try house.count("5001", at: "2026-06-10T10:05:00Z")
        try house.count("3", at: "2026-06-10T10:10:00Z", begins: true)
        try house.count("3.25", at: "2026-06-10T10:14:00Z")
        #expect(
            try house.lines(.quarter, from: day.from, to: day.to)
                == ["2026-06-10T09:45:00Z 0 5000 *", "2026-06-10T10:00:00Z 1.25 3.25 *"])
    }

    @Test func `an exchange to a meter that stands higher books nothing`() throws {
        let house = try HistoryHouse()
        try house.count("10", at: "2026-06-10T10:00:00Z")
        try house.count("90000", at: "2026-06-10T10:10:00Z", begins: true)
        try house.count("90001", at: "2026-06-10T10:14:00Z")
        #expect(try house.table(.day, from: day.from, to: day.to).rows.sum == ExactDecimal(1))
    }

    @Test func `a counter that falls without a word begins a new epoch too`() throws {
        let house = try HistoryHouse()
        try house.count("10", at: "2026-06-10T10:00:00Z")
        try house.count("4", at: "2026-06-10T10:01:00Z")
        try house.count("6", at: "2026-06-10T10:02:00Z")
        #expect(try house.table(.day, from: day.from, to: day.to).rows.sum == ExactDecimal(2))
    }

    @Test func `a value with more digits begins a new row and loses no energy`() throws {
        let house = try HistoryHouse()
        try house.count("10", at: "2026-06-10T10:00:30Z")
        try house.count("10.1234", at: "2026-06-10T10:01:00Z")
        try house.count("10.5", at: "2026-06-10T10:14:00Z")
        #expect(try house.lines(.quarter, from: day.from, to: day.to) == ["2026-06-10T10:00:00Z 0.5 10.5 *"])
        #expect(try house.file.nextSeries == 3)
    }

    @Test func `a momentary value has its lowest, its mean with one digit more, and its highest`() throws {
        let house = try HistoryHouse()
        for (second, value) in [(10, "-5"), (20, "10"), (30, "11")] {
            try house.read(
                try HistoryHouse.reading([(HistoryHouse.power, value, "W")], at: "2026-06-10T10:00:\(second)Z"))
        }
        #expect(
            try house.lines(.hour, from: day.from, to: day.to, register: HistoryHouse.power)
                == ["2026-06-10T10:00:00Z -5 5.3 11 *"])
    }

    @Test func `an hour of momentary values with a hole is not complete`() throws {
        let house = try HistoryHouse()
        for minute in stride(from: 0, through: 180, by: 5) where !(70...90).contains(minute) {
            let instant = try #require(RFC3339.instant("2026-06-10T10:00:00Z")) + .minutes(Int64(minute))
            try house.read(
                try HistoryHouse.reading(
                    [(HistoryHouse.power, "7", "W"), (HistoryHouse.energy, "\(minute)", "kWh")], at: instant))
        }
        #expect(
            try house.lines(
                .hour, from: "2026-06-10T10:00:00Z", to: "2026-06-10T13:00:00Z", register: HistoryHouse.power)
                == ["2026-06-10T10:00:00Z 7 7 7", "2026-06-10T11:00:00Z 7 7 7 *", "2026-06-10T12:00:00Z 7 7 7"])
        #expect(
            try house.lines(.hour, from: "2026-06-10T11:00:00Z", to: "2026-06-10T12:00:00Z")
                == ["2026-06-10T11:00:00Z 60 120"])
    }

    @Test func `a gas counter counts at the time of its capture`() throws {
        let house = try HistoryHouse()
        let gas = OBISCode(0, 1, 24, 2, 1)
        for (capture, arrival, value) in [
            ("09:00:00", "09:03:00", "50"), ("10:00:00", "10:03:00", "50.5"), ("10:00:00", "10:03:10", "50.5"),
            ("11:00:00", "11:03:00", "52"),
        ] {
            var reading = try HistoryHouse.reading([(gas, value, "m³")], at: "2026-06-10T\(arrival)Z")
            reading.registers[0].time = RFC3339.instant("2026-06-10T\(capture)Z")
            try house.read(reading)
        }
        #expect(
            try house.lines(.hour, from: "2026-06-10T09:00:00Z", to: "2026-06-10T12:00:00Z", register: gas)
                == ["2026-06-10T09:00:00Z 0.5 50.5", "2026-06-10T10:00:00Z 1.5 52"])
    }

    @Test func `a clock that was set back adds to the quarters that are there`() throws {
        let house = try HistoryHouse()
        try house.count("1", at: "2026-06-10T10:01:00Z")
        try house.count("2", at: "2026-06-10T11:01:00Z")
        try house.commit()
        try house.reopen()
        try house.count("3", at: "2026-06-10T10:02:00Z")
        try house.count("4", at: "2026-06-10T11:02:00Z")
        #expect(
            try house.lines(.hour, from: day.from, to: day.to)
                == ["2026-06-10T10:00:00Z 1 3 *", "2026-06-10T11:00:00Z 2 4 *"])
    }

    @Test func `texts, lists and values that do not fit are left out`() throws {
        let house = try HistoryHouse()
        var reading = try HistoryHouse.reading([(HistoryHouse.power, "1", "W")], at: "2026-06-10T10:01:00Z")
        reading.registers.append(RegisterValue(obis: OBISCode(0, 0, 96, 1, 0), value: .text("ISK"), unit: nil))
        reading.registers.append(
            RegisterValue(
                obis: OBISCode(1, 0, 2, 8, 0), value: .number(ExactDecimal(9, exponent: 18)), unit: Unit("kWh")))
        try house.read(reading)
        try house.commit()
        #expect(try HistoryReader(path: house.path).registers(of: "house") == [HistoryHouse.power])
    }
}
