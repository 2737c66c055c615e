// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    private func link(_ side: RelaySide) -> LinkView { side == .input ? input.connection : output.view }

    func noticeConnected(_ side: RelaySide, _ link: LinkView, sessionPresent: Bool) {
        if link.isFallback { handler.notice(.fellBackTo311(side: side, address: link.broker.address)) }
        handler.notice(.connected(side: side, version: link.version, sessionPresent: sessionPresent))
    }

    /// Decides whether a failed connection is tried again or ends the relay.
    func judge(_ error: MQTTError, of side: RelaySide, service: Duration?, isUnexplained: Bool) {
        let link = link(side)
        if case .sessionTakenOver(let clientID) = error { return yield(clientID) }
        if let service, service < .seconds(5) {
            // 3.1.1 cannot say that another client took the session, and mosquitto 2.0.11 does not say it with 5 either; it looks
            // like this. A broker that ended is tried again at once, and what it then refuses begins the count anew.
            guard isUnexplained else { return handler.notice(.disconnected(side: side, reason: error)) }
            quickLosses[side, default: 0] += 1
            if quickLosses[side, default: 0] >= 3, isThrownOut(of: side) { return yield(link.clientID) }
        } else {
            quickLosses[side] = 0
            witnesses[side] = nil
        }
        guard error.isConfigurationFault else {
            return handler.notice(.disconnected(side: side, reason: error))
        }
        // What once worked is the broker's affair, which may pass; what never worked is the configuration's.
        if link.hasEverConnected {
            handler.notice(.refused(side: side, reason: error))
        } else {
            fatal = error
        }
    }

    /// A network or a broker that keeps failing closes connections as well, but not ours alone.
    private func isThrownOut(of side: RelaySide) -> Bool {
        guard var trial = witnesses[side] else {
            witnesses[side] = Trial(witness: Witness(broker: link(side).broker, wakeup: wakeup))
            return false
        }
        switch trial.witness.finding {
        case .connecting: return false
        case .refused: return true
        case .lost:
            witnesses[side] = nil
            quickLosses[side] = 0
            return false
        case .alive:
            // What closes both may be noticed here first.
            trial.survivedLosses += 1
            witnesses[side] = trial
            return trial.survivedLosses >= 2
        }
    }

    private func yield(_ clientID: String) {
        fatal = .sessionTakenOver(clientID: clientID)
    }

    /// Stops taking messages, finishes those taken, says farewell. On time-out nothing more is written: the broker keeps
    /// the input's messages and publishes the last will.
    func shutDown() {
        let deadline = Instant.now + settings.shutdownGrace
        isDraining = true
        if handler.hasOpenGroups || baseline.isDone { take(handler.flush()) }
        while !outbox.isEmpty, fatal == nil, Instant.now < deadline { turn(until: deadline) }
        acknowledgeInput()
        let isComplete = outbox.isEmpty && input.batch.isEmpty
        if isComplete, output.isReady {
            take(settings.farewell)
            let limit = max(deadline, Instant.now + .seconds(1))
            while !outbox.isEmpty, output.isReady, Instant.now < limit { turn(until: limit) }
        }
        let unacknowledged = input.batch.count
        input.disconnect(within: .seconds(1))
        if outbox.isEmpty { output.disconnect(within: .seconds(1)) } else { output.close() }
        if !isComplete { handler.notice(.shutdownIncomplete(unacknowledged: unacknowledged)) }
    }
}
