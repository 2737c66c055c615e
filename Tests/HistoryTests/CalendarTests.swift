// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Harmonizer
@testable import History

/// Where days, months and years begin.
@Suite struct CalendarTests {
    private func spans(_ step: HistoryStep, _ zone: Zone, from: String, count: Int) throws -> [String] {
        var start = zone.start(of: step, holding: try #require(RFC3339.instant(from)).seconds)
        return (0..<count).map { _ in
            defer { start = zone.end(of: step, from: start) }
            let hours = (zone.end(of: step, from: start) - start) / 3600
            return "\(Timestamp(seconds: start)) \(hours)"
        }
    }

    @Test func `the day of the spring night has 23 hours and that of the autumn night 25`() throws {
        let zurich = try #require(Zone("Europe/Zurich"))
        #expect(
            try spans(.day, zurich, from: "2026-03-28T12:00:00Z", count: 3)
                == ["2026-03-27T23:00:00Z 24", "2026-03-28T23:00:00Z 23", "2026-03-29T22:00:00Z 24"])
        #expect(
            try spans(.day, zurich, from: "2026-10-24T12:00:00Z", count: 3)
                == ["2026-10-23T22:00:00Z 24", "2026-10-24T22:00:00Z 25", "2026-10-25T23:00:00Z 24"])
    }

    @Test func `months and years are local`() throws {
        let zurich = try #require(Zone("Europe/Zurich"))
        #expect(
            try spans(.month, zurich, from: "2026-02-28T23:30:00Z", count: 3) == [
                "2026-02-28T23:00:00Z 743", "2026-03-31T22:00:00Z 720", "2026-04-30T22:00:00Z 744",
            ])
        #expect(
            try spans(.year, zurich, from: "2025-12-31T22:59:59Z", count: 2)
                == ["2024-12-31T23:00:00Z 8760", "2025-12-31T23:00:00Z 8760"])
    }

    @Test func `every day of many years begins where the one before ends`() throws {
        for name in ["Europe/Zurich", "Asia/Kathmandu", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"] {
            let zone = try #require(Zone(name))
            var start = zone.start(of: .day, holding: 1_500_000_000)
            for _ in 0..<4000 {
                let end = zone.end(of: .day, from: start)
                #expect((22...26).contains((end - start) / 3600), "\(name) \(Timestamp(seconds: start))")
                #expect(zone.start(of: .day, holding: end - 1) == start)
                #expect(start % Quarter.length == 0)
                start = end
            }
        }
    }

    @Test func `hours follow the zone's minutes`() throws {
        let kathmandu = try #require(Zone("Asia/Kathmandu"))
        #expect(
            try spans(.hour, kathmandu, from: "2026-06-10T10:00:00Z", count: 2)
                == ["2026-06-10T09:15:00Z 1", "2026-06-10T10:15:00Z 1"])
    }
}
