// SPDX-License-Identifier: Apache-2.0

/// The quarter-hour demand of one meter, computed from its energy counter: what grid operators bill as peak power.
///
/// A quarter begins on the full quarter of an hour of the meter's clock. The counter's value at that moment is
/// interpolated between the two readings around it, in proportion to the time, so that the quarters add up to the
/// counter. When those two are more than `longestPause` apart, the value is unknown, and neither of the two quarters
/// has an average or becomes a peak.
struct Demand: Sendable, Equatable {
    /// The counter's value at one time.
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
        /// The highest of them; nil before the first.
        var peak: Peak?
    }

    /// The newest sample; nil when the next one may be of another meter.
    private(set) var latest: Sample?
    /// The running quarter, in quarters since 1970.
    private(set) var quarter: Int64
    /// The counter's value at the start of the running quarter, in kWh; nil when unknown.
    private(set) var start: ExactDecimal?
    /// The average of the previous quarter, in W; nil when unknown.
    private(set) var last: ExactDecimal?
    /// The month of the running quarter.
    private(set) var month: Month
    /// The earlier months that had a peak, the oldest first: at most eleven.
    private(set) var earlier: [Month]

    /// The longest time between the two readings around an edge: five minutes plus the variation of a reader's timer.
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

    /// Restores what an earlier run knew.
    init(
        latest: Sample?, quarter: Int64, start: ExactDecimal?, last: ExactDecimal?, month: Month, earlier: [Month]
    ) {
        (self.latest, self.quarter, self.start, self.last) = (latest, quarter, start, last)
        (self.month, self.earlier) = (month, earlier)
        forgetOldMonths()
    }

    // MARK: - Samples

    /// Takes in a value of the counter.
    mutating func take(_ sample: Sample, in zone: Zone) {
        let former = latest
        let current = Self.quarter(of: sample.time)
        latest = sample
        guard let former, former.energy <= sample.energy, former.time <= sample.time, current >= quarter else {
            // The first sample, a clock that was set back, or a counter that fell.
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

    /// Starts anew with the next sample, which does not continue the one before: it is of another meter, or the counter
    /// was corrected. The months keep their peaks.
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
            // The clock was set back: the earlier month continues.
            month = earlier.last { $0.number == number } ?? Month(number: number)
            earlier.removeAll { $0.number >= number }
        }
        forgetOldMonths()
    }

    private mutating func forgetOldMonths() {
        earlier.removeAll { $0.number <= month.number - 12 || $0.number >= month.number }
    }

    // MARK: - Results

    /// The running quarter's energy so far, over a whole quarter hour, in W: it rises towards the average. Nil when the
    /// counter's value at the start is unknown.
    var running: ExactDecimal? {
        guard let start, let latest else { return nil }
        return Self.power(from: start, to: latest.energy)
    }

    /// When the running quarter began.
    var begin: Timestamp { Self.begin(of: quarter) }

    /// The mean of monthly peaks, each at least `floor`, in whole W; nil without peaks.
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

    /// The quarter of an instant. Every zone in use is offset from UTC by whole quarters of an hour.
    static func quarter(of time: Timestamp) -> Int64 {
        let quarter = time.seconds / length.seconds
        return time.seconds % length.seconds < 0 ? quarter - 1 : quarter
    }

    /// When a quarter begins, which is when the previous one ends.
    static func begin(of quarter: Int64) -> Timestamp { Timestamp(seconds: quarter * length.seconds) }

    static func month(ofQuarter quarter: Int64, in zone: Zone) -> Int {
        let begin = begin(of: quarter)
        let wall = WallTime(begin, offset: zone.offset(at: begin))
        return wall.year * 12 + wall.month - 1
    }

    /// The average power of a quarter hour, from kWh to whole W.
    private static func power(from start: ExactDecimal, to end: ExactDecimal) -> ExactDecimal? {
        guard let energy = end.subtracting(start), energy >= .zero else { return nil }
        return energy.multiplied(by: ExactDecimal(4000))?.rounded(toDecimals: 0)
    }

    /// The counter's value between two samples, to the milliwatt hour.
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
    /// The number without its fraction, truncated towards zero; nil when it does not fit.
    var whole: Int64? {
        if exponent >= 0 {
            guard let factor = Self.powerOfTen(exponent) else { return isZero ? 0 : nil }
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        return Self.powerOfTen(-exponent).map { mantissa / $0 } ?? 0
    }

    /// The quotient as a whole number, halves away from zero; nil when it does not fit.
    func divided(by divisor: Int64) -> ExactDecimal? {
        guard divisor > 0, let tenths = scaled(byPowerOfTen: 1).whole else { return nil }
        return ExactDecimal(tenths / divisor, exponent: -1).rounded(toDecimals: 0)
    }
}
