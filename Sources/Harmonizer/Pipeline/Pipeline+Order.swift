// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// The place of a reading among those of its meter, before anything else of it is judged.
    mutating func order(
        of timed: TimeRepair.Result, device index: Int, meter: Int, origin: Origin, fixes: inout [Fix]
    ) -> ReadingOrder {
        // The bridge's clock is never compared with others.
        guard timed.clock != .bridge else { return .current }
        var watch = meters[meter].order
        let order = watch.judge(timed.time, received: origin.received, isLive: !origin.isRetained)
        // A stand-in has another clock: while it is not believed, it moves nothing.
        if isPrimary(index, meter: meter, at: origin.received) { meters[meter].order = watch }
        guard order != .current else { return order }
        let rule: Fix.Rule = order == .old ? .timeOutOfOrder : .timeSetBack
        let policy = policies(of: index).policy(rule)
        let isHeld = order == .old && (policy == .fix || policy == .reject)
        fixes.join(Fix(rule, fields: ["time"], action: isHeld ? .hold : .flag))
        return order == .old && !isHeld ? .current : order
    }
}
