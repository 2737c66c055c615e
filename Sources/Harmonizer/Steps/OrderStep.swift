// SPDX-License-Identifier: Apache-2.0

/// Judges the place of a reading among those of its meter, before anything else in it is judged.
struct OrderStep {
    static let rules: [Fix.Rule] = [.timeOutOfOrder, .timeSetBack]

    func apply(_ draft: inout Draft, meter: inout MeterState, isPrimary: Bool) {
        // The bridge's clock is never compared with others.
        guard draft.clock != .bridge else { return }
        guard !draft.origin.isRetained || isFresh(draft, meter) else {
            draft.order = .old
            return
        }
        var watch = meter.instrument.order
        draft.order = watch.judge(draft.time, received: draft.origin.received, isLive: !draft.origin.isRetained)
        // A stand-in has another clock: until it takes over, it does not update the order.
        if isPrimary { meter.instrument.order = watch }
        switch draft.order {
        case .current: break
        case .setBack: draft.fixes.record(Fix(.timeSetBack, fields: ["time"], action: .flag))
        case .old:
            let isHeld = draft.fixes.decide(Fix(.timeOutOfOrder, fields: ["time"], action: .hold), for: .timeOutOfOrder)
            if !isHeld { draft.order = .current }
        }
    }

    /// True when the time is recent: a retained message is of any age until its own time shows otherwise.
    private func isFresh(_ draft: Draft, _ meter: MeterState) -> Bool {
        draft.origin.received - draft.time <= max(.minutes(1), 3 * (meter.interval ?? .zero))
    }
}
