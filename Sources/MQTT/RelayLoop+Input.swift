// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    func inputOccurred(_ occurrence: Link.Occurrence) {
        switch occurrence {
        case .connected(let sessionPresent): inputConnected(sessionPresent: sessionPresent)
        case .message(let message) where message.topic == settings.dropCounterTopic:
            if let count = drops.note(message.payload, .now) { handler.notice(.brokerDropped(count: count)) }
        case .message(let message):
            batch.note(message)
            if !copies.isCopy(message) { take(handler.handle(message)) }
        case .subscribed(let id, let codes):
            if let event = subscriptions.answered(id, codes: codes, version: input.version) { handler.notice(event) }
            if let filters = subscriptions.takeAccepted() { handler.notice(.subscribed(filters: filters)) }
        case .failed(let error, let service, let isUnexplained):
            forgetBatch()
            judge(error, of: .input, service: service, isUnexplained: isUnexplained)
        case .published: break
        }
    }

    private func inputConnected(sessionPresent: Bool) {
        noticeConnected(.input, sessionPresent: sessionPresent)
        let isFirst = !subscriptions.areMade
        let former = maySucceed ? handler.formerSubscriptions : []
        // A process that had subscribed left a session, unless it never came that far.
        if !sessionPresent, !isFirst || !former.isEmpty {
            handler.notice(.sessionLost(clientID: settings.inputClientID))
        }
        watchDrops(isNew: isFirst || !sessionPresent)
        guard isFirst || !sessionPresent else { return }
        if isFirst, sessionPresent { subscriptions.leave(former) }
        subscribe(to: settings.subscriptions)
        // All sources are read elsewhere: there is nothing to wait for.
        if settings.subscriptions.isEmpty { handler.notice(.subscribed(filters: [])) }
    }

    /// With MQTT 3.1.1 only the broker says how many messages it sends unacknowledged, and mosquitto's default is 20. A telegram
    /// in 36 messages would never be complete, so what has come of it is acknowledged once the broker has fallen silent: a
    /// crash in that moment loses a telegram that without this would be lost each time. MQTT 5 has no such limit.
    func relieveWindow(_ now: Instant) {
        guard let reliefTime, now >= reliefTime else { return }
        if !windowWasTooSmall { handler.notice(.windowTooSmall(unacknowledged: batch.count)) }
        windowWasTooSmall = true
        batch = InputBatch()
        input.write()
    }

    /// When the broker counts as silent; nil while nothing is stuck.
    var reliefTime: Instant? {
        guard input.isReady, !input.isHungUp, input.version == .v311, batch.count >= Self.usualWindow, outbox.isEmpty,
            handler.hasOpenGroups
        else { return nil }
        return batch.newest.map { $0 + .milliseconds(50) }
    }

    /// `max_inflight_messages` of a mosquitto that nobody configured.
    private static var usualWindow: Int { 20 }

    /// The input connection is gone with its withheld acknowledgements: those messages come again. What the handler has
    /// open of them is emitted now, so that the same messages start afresh; a repeated result is allowed, a lost one not.
    func forgetBatch() {
        copies = CopyWatch()
        batch = InputBatch()
        if handler.hasOpenGroups { take(handler.flush()) }
    }
}
