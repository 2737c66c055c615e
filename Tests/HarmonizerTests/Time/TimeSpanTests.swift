// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// Spans of time, and that none of them traps however far it reaches.
@Suite struct TimeSpanTests {
    static let texts: [(String, TimeSpan?)] = [
        ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .minutes(5)), ("2h", .hours(2)), ("7d", .days(7)),
        ("0s", .zero), ("007d", .days(7)), ("1000000000d", .days(1_000_000_000)), ("1000000001ms", nil),
        ("99999999999999999999s", nil), ("", nil), ("s", nil), ("5", nil), ("5 m", nil), ("-5m", nil), ("+5m", nil),
        ("5M", nil), ("5min", nil), ("1.5h", nil), ("५m", nil), ("2h30m", nil),
    ]

    @Test(arguments: texts) func `a span is read as people write it`(text: String, span: TimeSpan?) {
        #expect(TimeSpan(text) == span)
        #expect(TimeSpan(text[...]) == span)
    }

    @Test func `each unit is the same span as so many of the smaller one`() {
        #expect(TimeSpan.seconds(1) == .milliseconds(1000) && TimeSpan.minutes(1) == .seconds(60))
        #expect(TimeSpan.hours(1) == .minutes(60) && TimeSpan.days(1) == .hours(24))
        #expect(TimeSpan.days(2).milliseconds == 172_800_000)
        let span = TimeSpan.days(2) + .hours(3) + .minutes(4) + .seconds(5) + .milliseconds(678)
        #expect(span.days == 2 && span.hours == 51 && span.minutes == 3064 && span.seconds == 183_845)
        #expect(span.wholeSeconds == .seconds(183_845) && (-span).seconds == -183_845)
    }

    @Test func `spans are added, divided and compared by their length`() {
        #expect(TimeSpan.minutes(1) - .seconds(90) == -.seconds(30))
        #expect((-TimeSpan.seconds(30)).magnitude == .seconds(30))
        #expect(3 * TimeSpan.seconds(20) == .minutes(1) && TimeSpan.minutes(1) / 3 == .seconds(20))
        #expect(TimeSpan.hours(1) / TimeSpan.minutes(7) == 8 && TimeSpan.milliseconds(-7) / 2 == .milliseconds(-3))
        #expect(-TimeSpan.days(1) < .zero && .zero < TimeSpan.milliseconds(1) && TimeSpan.hours(1) < .days(1))
        #expect(MemoryLayout<TimeSpan>.size == 8)
    }

    /// The ends of all numbers, and what is near to them and to zero.
    static let extremes: [Int64] = [.min, .min + 1, -86_400_000, -1, 0, 1, 1000, .max - 1, .max]

    @Test func `no arithmetic of spans traps, and what is too long is the longest`() {
        for one in Self.extremes {
            let span = TimeSpan.milliseconds(one)
            for other in Self.extremes {
                let next = TimeSpan.milliseconds(other)
                #expect((span + next).milliseconds == Self.clamped(Int128(one) + Int128(other)))
                #expect((span - next).milliseconds == Self.clamped(Int128(one) - Int128(other)))
                #expect((span * other).milliseconds == Self.clamped(Int128(one) * Int128(other)))
                guard other != 0 else { continue }
                #expect((span / other).milliseconds == Self.clamped(Int128(one) / Int128(other)))
                #expect(span / next == Self.clamped(Int128(one) / Int128(other)))
            }
            #expect((-span).milliseconds == Self.clamped(-Int128(one)))
            #expect(span.magnitude >= .zero)
            #expect(TimeSpan.seconds(one).milliseconds == Self.clamped(Int128(one) * 1000))
            #expect(TimeSpan.minutes(one).milliseconds == Self.clamped(Int128(one) * 60_000))
            #expect(TimeSpan.hours(one).milliseconds == Self.clamped(Int128(one) * 3_600_000))
            #expect(TimeSpan.days(one).milliseconds == Self.clamped(Int128(one) * 86_400_000))
            _ = span.zoneHours
        }
    }

    private static func clamped(_ number: Int128) -> Int64 { Int64(clamping: number) }

    @Test func `no instant traps with any span, and the order of the sums is that of the spans`() {
        for seconds in Self.extremes {
            for microseconds: Int32 in [0, 999_999] {
                let instant = Timestamp(seconds: seconds, microseconds: microseconds, fractionDigits: 6)
                let sums = Self.extremes.map { instant + .milliseconds($0) }
                #expect(zip(sums, sums.dropFirst()).allSatisfy { $0 <= $1 })
                #expect(sums.allSatisfy { (0..<1_000_000).contains($0.microseconds) && $0.fractionDigits == 6 })
                for other in Self.extremes {
                    let span = instant - Timestamp(seconds: other)
                    // The calendar has less than ten thousand years.
                    #expect(span.magnitude <= .days(3_660_000))
                    #expect((PackedTime(instant) - PackedTime(Timestamp(seconds: other))).magnitude < .max)
                }
            }
        }
        #expect(Timestamp(seconds: .max) + .max == Timestamp(seconds: .max, microseconds: 999_999))
        #expect(Timestamp(seconds: .min) - .max == Timestamp(seconds: .min))
    }

    @Test func `an instant is as far from another as the span between them`() {
        let time = Timestamp(seconds: 1_795_217_228, microseconds: 412_000, fractionDigits: 3)
        for span in [TimeSpan.zero, .milliseconds(1), .milliseconds(588), .seconds(-90), .days(4000)] {
            #expect((time + span) - time == span)
            #expect(time - span + span == time)
            #expect((PackedTime(time + span) - PackedTime(time)) == span)
        }
    }

    @Test(
        arguments: [
            (TimeSpan.zero, 0), (.minutes(3), 0), (.minutes(57), 1), (.hours(1), 1), (-.minutes(63), -1),
            (.hours(14), 14), (.milliseconds(180_001), nil), (.minutes(30), nil), (-.minutes(56), nil),
            (.hours(15), nil), (.max, nil),
        ] as [(TimeSpan, Int?)])
    func `an offset is of a wrong zone when it is whole hours, give or take three minutes`(span: TimeSpan, hours: Int?)
    {
        #expect(span.zoneHours == hours)
    }

    @Test func `a duration of the standard library is cut to milliseconds`() {
        #expect(TimeSpan(Duration.nanoseconds(2_999_999_999)) == .milliseconds(2999))
        #expect(TimeSpan(Duration.seconds(-1.5)) == .milliseconds(-1500))
        #expect(TimeSpan(Duration.seconds(Int64.max)) == .max)
        #expect(Duration(TimeSpan.milliseconds(2999)) == .milliseconds(2999))
    }
}
