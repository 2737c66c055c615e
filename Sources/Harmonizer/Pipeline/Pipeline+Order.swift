// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// The place of a reading among those of its meter, before anything else of it is judged.
    mutating func order(
        of timed: TimeRepair.Result, device index: Int, meter: Int, origin: Origin, fixes: inout [Fix]
    ) -> ReadingOrder {
        // The bridge's clock is never compared with others.
        guard timed.clock != .bridge else { return .current }
        guard !origin.isRetained || isFresh(timed.time, meter: meter, at: origin.received) else { return .old }
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

    /// True for a time that is one of now: what the broker kept is of any age until its own time says otherwise.
    private func isFresh(_ time: Timestamp, meter: Int, at received: Timestamp) -> Bool {
        received.milliseconds(since: time) <= max(60_000, 3 * (meters[meter].interval ?? 0))
    }

    /// A message that the broker kept and that has no time may be of any age: nobody can say when its values were true, so
    /// nothing is published of it. The next live one brings them.
    mutating func withheld(_ origin: Origin) -> [Publication] {
        counters.count(ignored: "retained-undated", source: counters.index(ofSource: origin.source))
        say(
            Diagnostic(
                .info,
                "\(origin.topic): the broker kept a message without a time, which may be of any age: not published"))
        return []
    }

    /// Remembers what was learned about a device's clock where a restarted bridge finds it, and says it.
    mutating func noteClock(device index: Int, meter: Int) {
        guard let learned = devices[index].clock.learned else { return }
        let source = source(of: index)
        let device = devices[index].device.name
        let hours = devices[index].clock.hours
        let isOff = hours != 0 || abs(learned) > profile.time.skew
        let changed = meters[meter].setClock(isOff ? learned / 1000 : nil, source: source.name, device: device)
        guard changed, isOff else { return }
        let off = hours == 0 ? "\(abs(learned) / 1000) s" : "\(abs(hours)) h"
        let place = source.place.map { " (\($0))" } ?? ""
        say(
            Diagnostic(
                .warning,
                "meter \(meters[meter].id): the clock of source \"\(source.name)\"\(place) is \(off) "
                    + "\(learned > 0 ? "ahead" : "behind")"
                    + (hours == 0 ? "" : ", corrected from now on: set its zone, or the reader's")))
    }
}
