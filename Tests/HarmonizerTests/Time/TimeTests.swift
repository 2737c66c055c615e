// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// Times as readers write them, and the nights in which clocks change.
@Suite struct TimeTests {
    @Test(arguments: [
        ("2021-09-24T15:56:38Z", "2021-09-24T15:56:38Z"), ("2021-09-24T17:56:38+02:00", "2021-09-24T15:56:38Z"),
        ("2021-09-24T17:56:38+0200", "2021-09-24T15:56:38Z"),
        ("2023-06-06T15:31:20.180000+00:00", "2023-06-06T15:31:20.180Z"),
        ("2023-06-06T15:31:20.123456Z", "2023-06-06T15:31:20.123456Z"),
        ("2024-02-29T23:59:59-05:30", "2024-03-01T05:29:59Z"),
        ("2020-01-01 00:00:00z", "2020-01-01T00:00:00Z"), ("2018.02.15 01:00:50Z", "2018-02-15T01:00:50Z"),
        ("2023-06-06T15:31:20.123456789Z", "2023-06-06T15:31:20.123456Z"),
    ]) func `an instant is written in UTC`(text: String, expected: String) {
        #expect(RFC3339.instant(text)?.description == expected)
    }

    @Test(arguments: [
        "", "2021-09-24", "2021-13-01T00:00:00Z", "2021-02-29T00:00:00Z", "2021-09-24T24:00:00Z",
        "2021-09-24T17:56:60Z", "2021-09-24T17:56:38+25:00",
        "2021-09-24T17:56:38.Z", "2021-09-24T17:56:38 Z", "0000-01-01T00:00:00Z", "2021/09/24T17:56:38Z",
    ]) func `what is no time is refused`(text: String) { #expect(RFC3339.instant(text) == nil) }

    @Test func `a clock face without offset is no instant`() {
        #expect(RFC3339.instant("2021-09-24T17:56:38") == nil)
        #expect(RFC3339.parse("2021-09-24T17:56:38")?.offset == nil)
    }

    /// Zone, clock face, arrival, instant.
    static let nights = [
        ["Europe/Zurich", "2021-09-24T17:56:38", "2021-09-24T15:56:39Z", "2021-09-24T15:56:38Z"],
        ["Europe/Zurich", "2026-01-15T12:00:00", "2026-01-15T11:00:00Z", "2026-01-15T11:00:00Z"],
        // Autumn: 03:00 CEST becomes 02:00 CET; the hour is there twice.
        ["Europe/Zurich", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z", "2026-10-24T23:59:59Z"],
        ["Europe/Zurich", "2026-10-25T02:30:00", "2026-10-25T00:30:01Z", "2026-10-25T00:30:00Z"],
        ["Europe/Zurich", "2026-10-25T02:30:00", "2026-10-25T01:30:01Z", "2026-10-25T01:30:00Z"],
        ["Europe/Zurich", "2026-10-25T03:00:00", "2026-10-25T02:00:01Z", "2026-10-25T02:00:00Z"],
        ["Europe/Helsinki", "2026-10-25T03:30:00", "2026-10-25T00:30:01Z", "2026-10-25T00:30:00Z"],
        ["Europe/Helsinki", "2026-10-25T03:30:00", "2026-10-25T01:30:01Z", "2026-10-25T01:30:00Z"],
        // Spring: 02:00 CET becomes 03:00 CEST; a clock that shows 02:30 was not put forward.
        ["Europe/Zurich", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z"],
        ["Europe/Zurich", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"],
        ["Europe/Zurich", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"],
        ["Europe/Helsinki", "2026-03-29T03:30:00", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"],
        ["Europe/Helsinki", "2026-03-29T04:00:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"],
        ["UTC", "2026-03-29T02:30:00", "2026-03-29T02:30:00Z", "2026-03-29T02:30:00Z"],
    ]

    @Test(arguments: nights) func `local time is an instant`(row: [String]) throws {
        let zone = try #require(Zone(row[0]))
        let wall = try #require(RFC3339.parse(row[1])).wall
        let arrival = try #require(RFC3339.instant(row[2]))
        #expect(zone.instant(wall, near: arrival).description == row[3])
    }

    @Test func `P1 stamps take S and W literally all year round`() throws {
        let zurich = try #require(Zone("Europe/Zurich"))
        let helsinki = try #require(Zone("Europe/Helsinki"))
        let summer = try #require(RFC3339.parse("2026-07-01T12:00:00")).wall
        #expect(zurich.standardOffset(summer) == 3600)
        #expect(helsinki.standardOffset(summer) == 7200)
    }

    @Test func `an unknown zone is an error and never UTC`() {
        #expect(Zone("Europe/Zurch") == nil)
        #expect(Zone("") == nil)
    }

    @Test func `days are counted like the calendar`() throws {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0), ("1999-12-31T23:59:59Z", 946_684_799), ("2000-03-01T00:00:00Z", 951_868_800),
            ("2038-01-19T03:14:08Z", 2_147_483_648),
        ] {
            let instant = try #require(RFC3339.instant(text))
            #expect(instant.seconds == Int64(seconds))
            #expect(instant.description == text)
        }
        for _ in 0..<10_000 {
            let instant = Timestamp(seconds: .random(in: -62_000_000_000...253_000_000_000))
            #expect(WallTime(instant).instant(offset: 0) == instant)
        }
    }

    @Test(
        arguments: [.min, .min + 1, -62_135_596_801, 253_402_300_800, 1_795_217_228_412_000_000, .max - 1, .max]
            as [Int64])
    func `an epoch of no year is no time and no trap`(seconds: Int64) throws {
        let absurd = Timestamp(seconds: seconds, microseconds: 999_999, fractionDigits: 6)
        let now = Timestamp(seconds: 1_795_217_228)
        let zurich = try #require(Zone("Europe/Zurich"))
        #expect(!absurd.isRepresentable)
        #expect(RawTime.instant(absurd).instant(in: zurich, near: now) == nil)
        #expect(RawTime.instant(absurd).text == "\(seconds)")
        #expect((absurd - now).magnitude > .days(10_000))
        #expect((absurd + .max).seconds >= seconds)
        #expect((absurd - .max).seconds <= seconds)
        #expect(zurich.instant(WallTime(absurd, offset: 7200), near: absurd).isRepresentable)
        #expect((1...9999).contains(WallTime(absurd, offset: -7200).year))
    }

    @Test func `the first and the last instant of the calendar are times`() {
        for text in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
            #expect(RFC3339.instant(text)?.isRepresentable == true)
            #expect(RFC3339.instant(text)?.description == text)
        }
        #expect(RFC3339.instant("9999-12-31T23:59:59-01:00")?.isRepresentable == false)
    }

    @Test func `no bytes trap the reader of times`() {
        let alphabet = Array("0123456789-:.TtZz+ \u{0}é".utf8)
        let good = Array("2021-09-24T17:56:38.123+02:00".utf8)
        for _ in 0..<20_000 {
            var bytes = Array(good.prefix(.random(in: 0...good.count)))
            for _ in 0..<Int.random(in: 0...3) where !bytes.isEmpty {
                bytes[.random(in: bytes.indices)] = alphabet[.random(in: alphabet.indices)]
            }
            bytes += Array(alphabet.shuffled().prefix(.random(in: 0...12)))
            if let parsed = bytes.withUnsafeBufferPointer({ RFC3339.parse($0) }) {
                #expect((1...9999).contains(parsed.wall.year) && abs(parsed.offset ?? 0) < 86_400)
            }
        }
    }

    @Test(arguments: [
        ("2021-01-15T12:00:00", false, "2021-01-15T11:00:00Z"), ("2021-07-15T12:00:00", true, "2021-07-15T10:00:00Z"),
        // W in summer: a meter that is not put forward. S in winter: one that was not put back.
        ("2021-07-15T12:00:00", false, "2021-07-15T11:00:00Z"), ("2021-01-15T12:00:00", true, "2021-01-15T10:00:00Z"),
        ("2026-10-25T02:30:00", true, "2026-10-25T00:30:00Z"), ("2026-10-25T02:30:00", false, "2026-10-25T01:30:00Z"),
        ("2026-03-29T01:59:59", false, "2026-03-29T00:59:59Z"), ("2026-03-29T03:00:00", true, "2026-03-29T01:00:00Z"),
        ("2026-10-25T02:59:59", true, "2026-10-25T00:59:59Z"), ("2026-10-25T02:00:00", false, "2026-10-25T01:00:00Z"),
    ]) func `a P1 stamp is standard time, plus one hour with S`(text: String, isSummer: Bool, expected: String) throws {
        let zone = try #require(Zone("Europe/Zurich"))
        let wall = try #require(RFC3339.parse(text)).wall
        let instant = RawTime.seasonal(wall, isSummer: isSummer).instant(in: zone, near: Timestamp(seconds: 0))
        #expect(instant?.description == expected)
    }

    @Test(arguments: ["Europe/Zurich", "Europe/Helsinki"])
    func `every instant is found again from its clock face, arriving a moment later`(name: String) throws {
        let zone = try #require(Zone(name))
        for _ in 0..<5000 {
            let instant = Timestamp(seconds: .random(in: 1_577_836_800...2_208_988_800))
            let wall = WallTime(instant, offset: zone.offset(at: instant))
            #expect(zone.instant(wall, near: instant + .seconds(3)) == instant)
        }
        // Each minute around the autumn night of 2026, when the clock face alone does not tell.
        for minute in 0..<360 {
            let instant = Timestamp(seconds: 1_792_879_200 + Int64(minute) * 60)
            let wall = WallTime(instant, offset: zone.offset(at: instant))
            #expect(zone.instant(wall, near: instant + .seconds(3)) == instant)
        }
    }

    @Test func `milliseconds carry over both ways`() {
        let time = Timestamp(seconds: 10, microseconds: 400_000)
        #expect(time + .milliseconds(700) == Timestamp(seconds: 11, microseconds: 100_000))
        #expect(time - .milliseconds(700) == Timestamp(seconds: 9, microseconds: 700_000))
        #expect(time - .milliseconds(400) == Timestamp(seconds: 10))
        #expect(time + .milliseconds(1500) - time == .milliseconds(1500))
    }
}
