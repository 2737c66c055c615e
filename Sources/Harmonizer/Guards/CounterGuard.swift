// SPDX-License-Identifier: Apache-2.0

/// Judges one value of a counter against the last one that was believed.
///
/// One zero or a small dip is the most reported fault of meter readers: Home Assistant takes a value below nine tenths of the
/// last one for a new meter and books the whole reading as consumption (Tasmota 15212, Home Assistant core 104515).
struct CounterGuard {
    let settings: GuardSettings

    /// A value as it arrived.
    struct Sample {
        var value: ExactDecimal
        var unit: Unit?
        /// When it was true.
        var time: Timestamp
        var received: Timestamp
    }

    /// The last value that was believed.
    struct Baseline {
        var value: ExactDecimal
        var unit: Unit?
        var time: Timestamp
        var received: Timestamp
        /// The register's usual interval.
        var interval: TimeSpan?
        /// True when the value is another meter's: a serial number has changed since.
        var isPrevious = false
        /// True when the value was read in another way: with other labels, factors or transformers.
        var isReread = false
    }

    enum Verdict: Equatable {
        case good
        /// The value fell by no more than its last digit: the baseline is kept.
        case rounding
        case held(HeldCounter)
        case confirmed(Confirmation)
    }

    /// Why an implausible value was accepted.
    enum Confirmation: String { case repetition, serial, accept }

    /// Judges a value that has a baseline.
    func judge(_ sample: Sample, baseline: Baseline, held: HeldCounter?, limit: GrowthLimit?) -> Verdict {
        guard let fault = fault(of: sample, baseline: baseline, limit: limit) else { return .good }
        if baseline.isPrevious { return .confirmed(.serial) }
        // Then another number is expected, but not a zero.
        if baseline.isReread, fault != .counterZero { return .good }
        if fault == .counterRounding { return .rounding }
        let row = next(sample, fault: fault, held: held, limit: limit)
        let isConfirmed =
            row.messages >= settings.confirmMessages
            && sample.received - row.since >= settings.confirmAfter
        return isConfirmed ? .confirmed(.repetition) : .held(row)
    }

    /// Judges the first value of a counter. A reader that has just started sends zeros (Tasmota 11053), but a house
    /// without panels really has exported nothing: a zero is believed once another counter of the same device is above
    /// zero.
    func judgeFirst(_ sample: Sample, hasLivingPeer: Bool) -> Verdict {
        guard sample.value.isZero, !hasLivingPeer else { return .good }
        return .held(held(sample, rule: .counterZero, messages: 0))
    }

    private func fault(of sample: Sample, baseline: Baseline, limit: GrowthLimit?) -> Fix.Rule? {
        // In another unit it is another quantity: the user changed the profile or the labels.
        guard sample.unit == baseline.unit else { return nil }
        if sample.value < baseline.value {
            if sample.value.isZero { return .counterZero }
            return isRounding(sample.value, below: baseline.value) ? .counterRounding : .counterDecrease
        }
        let elapsed = max(
            sample.time - baseline.time, sample.received - baseline.received,
            // A meter that counts in steps makes a whole step at once, and a clock may be a moment off.
            baseline.interval ?? .zero, .minutes(1))
        return isJump(sample.value, from: baseline.value, within: elapsed, limit: limit) ? .counterJump : nil
    }

    /// The row of held values with this one: a lower value, or one that jumps again, begins a new row. The same message,
    /// delivered twice, counts once.
    private func next(_ sample: Sample, fault: Fix.Rule, held: HeldCounter?, limit: GrowthLimit?) -> HeldCounter {
        guard fault != .counterZero else { return self.held(sample, rule: fault, messages: 0) }
        guard let held, held.messages > 0, held.unit == sample.unit else {
            return self.held(sample, rule: fault, messages: 1)
        }
        let elapsed = max(sample.time - held.time, .minutes(1))
        // A clock that was set back begins a new row too; old readings are not judged at all.
        let isRow =
            sample.time >= held.time && (sample.value >= held.value || isRounding(sample.value, below: held.value))
            && !isJump(sample.value, from: held.value, within: elapsed, limit: limit)
        guard isRow else { return self.held(sample, rule: fault, messages: 1) }
        guard sample.time != held.time else { return held }
        return HeldCounter(
            rule: fault, value: max(sample.value, held.value), unit: sample.unit, time: sample.time, since: held.since,
            messages: held.messages + 1)
    }

    private func held(_ sample: Sample, rule: Fix.Rule, messages: Int) -> HeldCounter {
        HeldCounter(
            rule: rule, value: sample.value, unit: sample.unit, time: sample.time, since: sample.received,
            messages: messages)
    }

    /// Within one digit of the coarser of the two values, as they are written, and never more than a hundredth: some readers
    /// print the same counter with more digits in one message than in the next.
    private func isRounding(_ value: ExactDecimal, below baseline: ExactDecimal) -> Bool {
        guard let dip = baseline.subtracting(value) else { return false }
        return dip <= ExactDecimal(1, exponent: min(-2, max(value.exponent, baseline.exponent)))
    }

    private func isJump(
        _ value: ExactDecimal, from baseline: ExactDecimal, within span: TimeSpan, limit: GrowthLimit?
    ) -> Bool {
        guard let limit, value > baseline, let rise = value.subtracting(baseline) else { return false }
        // A counter of whole kWh or tens of them makes one step at a time.
        let step = ExactDecimal(1, exponent: max(0, min(1, value.exponent, baseline.exponent)))
        return rise > step && rise > limit.growth(within: span)
    }
}
