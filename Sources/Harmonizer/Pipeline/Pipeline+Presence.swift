// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// A message of a meter came: it is there.
    mutating func heard(_ meter: Int, reading: Reading, device index: Int) -> [Publication] {
        meters[meter].hear(
            source: reading.origin.source, device: devices[index].device.name, at: reading.received,
            isLive: !reading.isDelayed)
        if let deadline = meters[meter].deadline(listeningSince: listeningSince ?? reading.received) {
            absence.expect(deadline)
        }
        return setAvailability(true, meter: meter, at: reading.received)
    }

    /// The reader's last will, or its return.
    mutating func availability(_ isOnline: Bool, device index: Int, at now: Timestamp) -> [Publication] {
        // `Online` says that the reader lives, not that its meter sends: a reading will say that.
        guard !isOnline, let meter = meter(of: index) else { return [] }
        meters[meter].part(source: source(of: index).name, device: devices[index].device.name)
        // A meter is not gone with one of its readers, as long as another one sends.
        if let deadline = meters[meter].deadline(listeningSince: listeningSince ?? now), deadline > now { return [] }
        return setAvailability(false, meter: meter, at: now)
    }

    /// The meter of a device, from this run or an earlier one.
    private func meter(of index: Int) -> Int? {
        devices[index].identity?.meter ?? restored[devices[index].device].flatMap { meterIndices[$0.meter] }
    }

    /// Says of each meter that was silent for too long that it is offline, with the registers that are stale now.
    mutating func advancePresence(to now: Timestamp) -> [Publication] {
        if listeningSince == nil {
            // What an earlier run left as online may be gone: it has one silence from now.
            listeningSince = now
            for meter in meters.indices {
                if let deadline = meters[meter].deadline(listeningSince: now) { absence.expect(deadline) }
            }
        }
        guard absence.isDue(at: now), let start = listeningSince else { return [] }
        var publications: [Publication] = []
        for meter in meters.indices where meters[meter].isOnline != false {
            guard let deadline = meters[meter].deadline(listeningSince: start) else { continue }
            guard deadline <= now else {
                absence.expect(deadline)
                continue
            }
            publications += setAvailability(false, meter: meter, at: now)
            if meters[meter].age(at: now) { publications += state(of: meter) }
        }
        return publications
    }
}
