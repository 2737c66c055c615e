// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// What follows from a verdict.
    mutating func process(
        _ verdict: Verdict, device index: Int, origin: Origin
    ) -> [Publication] {
        switch verdict {
        case .fragment:
            return []
        case .ignored(let kind, let remarks):
            counters.count(ignored: kind, source: devices[index].device.source)
            note(remarks, device: index)
            if !devices[index].isUndecided { sayRemarks(of: index) }
            return []
        case .availability(let isOnline):
            return availability(isOnline, device: index, at: origin.received)
        case .rejected(let rejection):
            // Nothing comes of this source before somebody writes a key; the dead letter alone is easily overlooked.
            if rejection.reason == .encrypted {
                let place = source(of: index).place.map { " (\($0))" } ?? ""
                say(Diagnostic(.warning, "source \"\(origin.source)\"\(place): \(rejection.detail)"))
            }
            return reject(rejection, origin: origin, device: index)
        case .telegrams(let telegrams, let remarks):
            learnLabels(remarks, device: index)
            note(remarks, device: index)
            var publications: [Publication] = []
            for telegram in telegrams {
                if let excess = excess(in: telegram) {
                    publications += reject(excess, origin: origin)
                    continue
                }
                var target = index
                if let name = telegram.device {
                    let source = devices[index].device.source
                    let name = tenant(of: index).map { "\($0)/\(name)" } ?? name
                    guard let named = self.index(of: Router.Device(source: source, name: name)) else {
                        publications += reject(noRoom(forDeviceOf: source), origin: origin)
                        continue
                    }
                    target = named
                }
                publications.add(take(telegram, device: target, origin: origin))
                if target != index { updateOpen(target) }
            }
            if !devices[index].isUndecided { sayRemarks(of: index) }
            return publications
        }
    }

    /// Puts a telegram together with the others of its group, or passes it on.
    private mutating func take(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        guard telegram.isPart else {
            var publications = closeGroup(index, isForced: false)
            publications.add(identify(telegram, device: index, origin: origin))
            return publications
        }
        var publications: [Publication] = []
        if devices[index].group?.accepts(telegram, limit: limits.registers) == true {
            devices[index].group?.add(telegram, received: origin.received)
        } else {
            publications += closeGroup(index, isForced: false)
            devices[index].group = OpenGroup(telegram, origin: origin.shortened)
        }
        if let group = devices[index].group, devices[index].lists.isComplete(group.registers) {
            publications += closeGroup(index, isForced: false)
        }
        return publications
    }

    /// Ends the telegram that is arriving in several messages.
    private mutating func closeGroup(_ index: Int, isForced: Bool) -> [Publication] {
        guard let group = devices[index].group else { return [] }
        devices[index].group = nil
        var telegram = group.telegram
        // A meter may alternate between lists of registers, so a short telegram is only partial when it was cut off.
        let missing = isForced ? devices[index].lists.missing(from: group.registers) : []
        if missing.isEmpty {
            devices[index].lists.learn(group.registers, time: telegram.time)
        } else {
            let fields = missing.sorted().map(\.canonical.description)
            telegram.repairs.append(Fix(.telegramPartial, fields: fields, action: .flag))
        }
        return identify(telegram, device: index, origin: group.origin)
    }

    /// Finds the meter of a telegram and publishes it, or lets it wait for a message that carries the meter's id.
    private mutating func identify(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        if mustWait(telegram, device: index), devices[index].waiting.count < Limits.waitingMessages {
            devices[index].waiting.append(DeviceState.PendingTelegram(telegram: telegram, origin: origin.shortened))
            return []
        }
        guard var publications = bind(telegram, device: index, origin: origin) else {
            return reject(noRoom(forMeterOf: devices[index].device.source), origin: origin)
        }
        if !devices[index].waiting.isEmpty { publications.add(publishWaiting(index)) }
        publications.add(publish(telegram, device: index, origin: origin))
        return publications
    }

    private mutating func publishWaiting(_ index: Int) -> [Publication] {
        let waiting = devices[index].waiting
        devices[index].waiting = []
        return waiting.flatMap { publish($0.telegram, device: index, origin: $0.origin) }
    }

    /// Emits what a device holds back, as far as it is due.
    mutating func close(_ index: Int, at now: Timestamp, isForced: Bool) -> [Publication] {
        let groups = profile.groups
        var publications: [Publication] = []
        if let deadline = devices[index].telegramDeadline(groups), isForced || deadline <= now,
            let verdict = devices[index].decoder.abandon()
        {
            let source = source(of: index)
            var origin =
                devices[index].openOrigin
                ?? Origin(
                    RawMessage(topic: devices[index].device.name, payload: [], received: now), source: source,
                    arrival: Arrival(received: now))
            devices[index].openOrigin = nil
            origin.arrival.received = now
            publications += process(verdict, device: index, origin: origin)
        }
        if let group = devices[index].group, isForced || group.deadline(groups) <= now {
            let isQuiet = group.lastArrival.adding(milliseconds: groups.quiet) <= now
            publications += closeGroup(index, isForced: !isQuiet)
        }
        if let first = devices[index].waiting.first,
            isForced || first.origin.received.adding(milliseconds: groups.identity) <= now
        {
            if let bound = bind(first.telegram, device: index, origin: first.origin) {
                publications += bound + publishWaiting(index)
            } else {
                let rejection = noRoom(forMeterOf: devices[index].device.source)
                for pending in devices[index].waiting { publications += reject(rejection, origin: pending.origin) }
                devices[index].waiting = []
            }
        }
        updateOpen(index)
        return publications
    }
}
