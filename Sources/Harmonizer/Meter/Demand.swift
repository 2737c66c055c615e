// SPDX-License-Identifier: Apache-2.0

/// The quarter-hour demand of one meter, computed from its energy counter: what grid operators bill as peak power.
///
/// A quarter begins on the full quarter of the meter's clock. What the counter showed at that moment is taken from the two readings
/// around it, in proportion to the time, so that the quarters add up to the counter. Where those two are more than `longestPause`
/// apart the edge is unknown, and neither of its quarters has an average or becomes a peak.
struct Demand: Sendable, Equatable {
    /// What the counter showed.
    struct Sample: Sendable, Equatable {
        var time: Timestamp
        /// kWh.
        var energy: ExactDecimal
    }

    /// The highest quarter of a month.
    struct Peak: Sendable, Equatable {
        /// W.
        var power: ExactDecimal
        /// The end of its quarter: the capture time that a meter gives 1-0:1.6.0 (IEC 62056-6-2, class 4).
        var end: Timestamp
    }

    /// A month by the meter's clock.
    struct Month: Sendable, Equatable {
        /// Months since the year 0: 12 × year + month - 1.
        var number: Int
        /// Quarters with an average.
        var quarters = 0
        /// Nil before the first of them.
        var peak: Peak?
    }

    /// The newest sample; nil when the next one may be of another meter.
    private(set) var latest: Sample?
    /// The running quarter, in quarters since 1970.
    private(set) var quarter: Int64
    /// What the counter showed when it began, in kWh; nil where that is unknown.
    private(set) var start: ExactDecimal?
    /// The average of the quarter before, in W; nil where that is unknown.
    private(set) var last: ExactDecimal?
    /// The month of the running quarter.
    private(set) var month: Month
    /// The months before it that had a peak, the oldest first: at most eleven.
    private(set) var earlier: [Month]

    /// The longest time between the two readings around an edge: five minutes, and what a reader's timer varies.
    static let longestPause = TimeSpan.seconds(330)
    /// A quarter of an hour.
    static let length = TimeSpan.minutes(15)

    init(_ sample: Sample, in zone: Zone) {
        quarter = Self.quarter(of: sample.time)
        month = Month(number: Self.month(ofQuarter: quarter, in: zone))
        earlier = []
        latest = sample
        if Self.begin(of: quarter) == sample.time { start = sample.energy }
    }

    /// What an earlier run knew.
    init(
        latest: Sample?, quarter: Int64, start: ExactDecimal?, last: ExactDecimal?, month: Month, earlier: [Month]
    ) {
        (self.latest, self.quarter, self.start, self.last) = (latest, quarter, start, last)
        (self.month, self.earlier) = (month, earlier)
        forgetOldMonths()
    }

    // MARK: - Samples

    /// Takes in what the counter shows.
    mutating func take(_ sample: Sample, in zone: Zone) {
        let former = latest
        let current = Self.quarter(of: sample.time)
        latest = sample
        guard let former, former.energy <= sample.energy, former.time <= sample.time, current >= quarter else {
            // The first one, a clock that was set back, or a counter that nobody knows.
            return begin(current, at: sample, in: zone)
        }
        guard current > quarter else { return }
        let isTogether = sample.time - former.time <= Self.longestPause
        func counter(at edge: Timestamp) -> ExactDecimal? {
            if edge == sample.time { return sample.energy }
            return isTogether ? Self.energy(at: edge, between: former, and: sample) : nil
        }
        let end = current == quarter + 1 ? counter(at: Self.begin(of: current)) : nil
        last = nil
        if let start, let end, let average = Self.power(from: start, to: end) {
            last = average
            turn(to: Self.month(ofQuarter: quarter, in: zone))
            month.quarters += 1
            if month.peak.map({ average > $0.power }) ?? true {
                month.peak = Peak(power: average, end: Self.begin(of: current))
            }
        }
        quarter = current
        start = counter(at: Self.begin(of: current))
        turn(to: Self.month(ofQuarter: current, in: zone))
    }

    /// The next sample says nothing about the energy since the one before: another meter, or a counter that was corrected. What the
    /// months had stays.
    mutating func loseTrack() {
        latest = nil
        start = nil
    }

    private mutating func begin(_ current: Int64, at sample: Sample, in zone: Zone) {
        if current != quarter { last = nil }
        quarter = current
        start = Self.begin(of: current) == sample.time ? sample.energy : nil
        turn(to: Self.month(ofQuarter: current, in: zone))
    }

    private mutating func turn(to number: Int) {
        guard number != month.number else { return }
        if number > month.number {
            if month.peak != nil { earlier.append(month) }
            month = Month(number: number)
        } else {
            // The clock was set back: that month goes on.
            month = earlier.last { $0.number == number } ?? Month(number: number)
            earlier.removeAll { $0.number >= number }
        }
        forgetOldMonths()
    }

    private mutating func forgetOldMonths() {
        earlier.removeAll { $0.number <= month.number - 12 || $0.number >= month.number }
    }

    // MARK: - What it says

    /// The energy of the running quarter over a whole one, in W: it rises towards the average. Nil where its start is unknown.
    var running: ExactDecimal? {
        guard let start, let latest else { return nil }
        return Self.power(from: start, to: latest.energy)
    }

    /// When the running quarter began.
    var begin: Timestamp { Self.begin(of: quarter) }

    /// The mean of monthly peaks, each at least `floor`, in whole W; nil without any.
    static func mean(of peaks: [ExactDecimal], floor: ExactDecimal) -> ExactDecimal? {
        guard !peaks.isEmpty else { return nil }
        var sum = ExactDecimal.zero
        for peak in peaks {
            guard let next = sum.adding(max(peak, floor)) else { return nil }
            sum = next
        }
        return sum.divided(by: Int64(peaks.count))
    }

    // MARK: - Arithmetic

    /// The quarter of an instant. Every zone in use is whole quarters of an hour from UTC.
    static func quarter(of time: Timestamp) -> Int64 {
        let quarter = time.seconds / length.seconds
        return time.seconds % length.seconds < 0 ? quarter - 1 : quarter
    }

    /// When a quarter begins, which is when the one before ends.
    static func begin(of quarter: Int64) -> Timestamp { Timestamp(seconds: quarter * length.seconds) }

    static func month(ofQuarter quarter: Int64, in zone: Zone) -> Int {
        let begin = begin(of: quarter)
        let wall = WallTime(begin, offset: zone.offset(at: begin))
        return wall.year * 12 + wall.month - 1
    }

    /// Energy over a quarter of an hour, kWh to whole W.
    private static func power(from start: ExactDecimal, to end: ExactDecimal) -> ExactDecimal? {
        guard let energy = end.subtracting(start), energy >= .zero else { return nil }
        return energy.multiplied(by: ExactDecimal(4000))?.rounded(toDecimals: 0)
    }

    /// What the counter showed between two samples, to the milliwatt hour.
    private static func energy(at edge: Timestamp, between one: Sample, and other: Sample) -> ExactDecimal? {
        let whole = other.time - one.time
        guard whole > .zero, let rise = other.energy.subtracting(one.energy)?.rounded(toDecimals: 6),
            let share = rise.scaled(byPowerOfTen: 6).whole
        else { return one.energy }
        let part = Int128(share) * Int128((edge - one.time).milliseconds) / Int128(whole.milliseconds)
        return one.energy.adding(ExactDecimal(Int64(clamping: part), exponent: -6))
    }
}

extension ExactDecimal {
    /// The number without a fraction, cut towards zero; nil for one that does not fit.
    var whole: Int64? {
        if exponent >= 0 {
            guard let factor = Self.powerOfTen(exponent) else { return isZero ? 0 : nil }
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        return Self.powerOfTen(-exponent).map { mantissa / $0 } ?? 0
    }

    /// The quotient as a whole number, halves away from zero; nil for what does not fit.
    func divided(by divisor: Int64) -> ExactDecimal? {
        guard divisor > 0, let tenths = scaled(byPowerOfTen: 1).whole else { return nil }
        return ExactDecimal(tenths / divisor, exponent: -1).rounded(toDecimals: 0)
    }
}
