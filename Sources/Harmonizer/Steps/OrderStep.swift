// SPDX-License-Identifier: Apache-2.0

/// The place of a reading among those of its meter, before anything else of it is judged.
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
        // A stand-in has another clock: while it is not believed, it moves nothing.
        if isPrimary { meter.instrument.order = watch }
        switch draft.order {
        case .current: break
        case .setBack: draft.fixes.record(Fix(.timeSetBack, fields: ["time"], action: .flag))
        case .old:
            let isHeld = draft.fixes.decide(Fix(.timeOutOfOrder, fields: ["time"], action: .hold), for: .timeOutOfOrder)
            if !isHeld { draft.order = .current }
        }
    }

    /// True for a time that is one of now: what the broker kept is of any age until its own time says otherwise.
    private func isFresh(_ draft: Draft, _ meter: MeterState) -> Bool {
        draft.origin.received - draft.time <= max(.minutes(1), 3 * (meter.interval ?? .zero))
    }
}
