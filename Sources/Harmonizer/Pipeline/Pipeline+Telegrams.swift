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
            counters.count(ignored: kind)
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
            return reject(rejection, origin: origin)
        case .telegrams(let telegrams, let remarks):
            learnLabels(remarks, device: index)
            note(remarks, device: index)
            var publications: [Publication] = []
            for telegram in telegrams {
                let target = telegram.device.map {
                    self.index(of: Router.Device(source: devices[index].device.source, name: $0))
                }
                publications += take(telegram, device: target ?? index, origin: origin)
                if let target { updateOpen(target) }
            }
            if !devices[index].isUndecided { sayRemarks(of: index) }
            return publications
        }
    }

    /// Puts a telegram together with the others of its group, or passes it on.
    private mutating func take(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        guard telegram.isPart else {
            return closeGroup(index, isForced: false) + identify(telegram, device: index, origin: origin)
        }
        var publications: [Publication] = []
        if devices[index].group?.accepts(telegram) == true {
            devices[index].group?.add(telegram, received: origin.received)
        } else {
            publications += closeGroup(index, isForced: false)
            devices[index].group = OpenGroup(telegram, origin: origin)
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
        if mustWait(telegram, device: index) {
            devices[index].waiting.append(DeviceState.PendingTelegram(telegram: telegram, origin: origin))
            return []
        }
        var publications = bind(telegram, device: index, origin: origin)
        publications += publishWaiting(index)
        publications += publish(telegram, device: index, origin: origin)
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
            let message = devices[index].openMessage
            devices[index].openMessage = nil
            let origin = Origin(
                source: source.name, adapter: source.adapter.name, topic: message?.topic ?? devices[index].device.name,
                payload: message?.payload ?? [],
                arrival: Arrival(received: now, isRetained: message?.isRetained ?? false))
            publications += process(verdict, device: index, origin: origin)
        }
        if let group = devices[index].group, isForced || group.deadline(groups) <= now {
            let isQuiet = group.lastArrival.adding(milliseconds: groups.quiet) <= now
            publications += closeGroup(index, isForced: !isQuiet)
        }
        if let first = devices[index].waiting.first,
            isForced || first.origin.received.adding(milliseconds: groups.identity) <= now
        {
            publications += bind(first.telegram, device: index, origin: first.origin)
            publications += publishWaiting(index)
        }
        updateOpen(index)
        return publications
    }
}
