// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    func noticeConnected(_ side: RelaySide, _ link: LinkView, sessionPresent: Bool) {
        if link.isFallback { handler.notice(.fellBackTo311(side: side, address: link.broker.address)) }
        handler.notice(.connected(side: side, version: link.version, sessionPresent: sessionPresent))
    }

    /// Decides whether a failed connection is retried, leads to a question, or ends the relay.
    func judge(_ error: MQTTError, of side: RelaySide, service: Duration?, cause: LossCause) {
        if case .sessionTakenOver(let clientID) = error { return yield(clientID) }
        if let service, service < .seconds(5), cause == .closed {
            quickLosses[side, default: 0] += 1
            if quickLosses[side, default: 0] >= 3 { wonderWhy(side, service) }
        } else if service != nil {
            quickLosses[side] = 0
        }
        guard error.isConfigurationFault else {
            return handler.notice(.disconnected(side: side, reason: error))
        }
        let link = side == .input ? input.connection : output.connection
        // An error after a successful connection comes from the broker and may pass; an error before it comes from the
        // configuration.
        if link.hasEverConnected {
            handler.notice(.refused(side: side, reason: error))
        } else {
            fatal = error
        }
    }

    /// Reports a broker that repeatedly closes a connection soon after it was made, without giving a reason: MQTT 3.1.1
    /// cannot report that another client took the session, and mosquitto 2.0.11 does not report it with MQTT 5 either.
    /// The cause may also be a limit of the broker, or a proxy. Only an answer proves that there is another bridge.
    private func wonderWhy(_ side: RelaySide, _ service: Duration) {
        quickLosses[side] = 0
        handler.notice(
            .closedAgainAndAgain(
                side: side, clientID: side == .input ? settings.inputClientID : settings.outputClientID,
                service: service))
        guard suspicion == nil, let presence = settings.presence else { return }
        suspicion = presence.ask(settings.output, wakeup: wakeup)
    }

    /// Reads the answer to a question that was asked while running.
    func settleSuspicion() {
        guard let result = suspicion?.result else { return }
        suspicion = nil
        if case .success(let name?) = result { holdBack(by: name) }
    }

    /// The broker reports that another client took the session.
    private func yield(_ clientID: String) {
        guard settings.presence?.retry != nil else {
            fatal = .sessionTakenOver(clientID: clientID)
            return
        }
        holdBack(by: "a client with the id \"\(clientID)\"")
    }

    /// Stops taking messages, finishes those already taken, and publishes the farewell. After a time-out nothing more
    /// is written: the broker keeps the input's messages and publishes the last will.
    func shutDown() {
        let deadline = Instant.now + settings.shutdownGrace
        isDraining = true
        if handler.hasOpenGroups || baseline.isDone { take(handler.flush()) }
        while output.owed > 0, fatal == nil, mayConnect, Instant.now < deadline { turn(until: deadline) }
        acknowledgeInput()
        let isComplete = output.owed == 0 && input.batch.isEmpty
        if isComplete, output.isReady {
            take(settings.farewell)
            let limit = max(deadline, Instant.now + .seconds(1))
            while output.owed > 0, output.isReady, Instant.now < limit { turn(until: limit) }
        }
        let unacknowledged = input.batch.count
        input.disconnect(within: .seconds(1))
        if output.owed == 0 { output.disconnect(within: .seconds(1)) } else { output.close() }
        if !isComplete { handler.notice(.shutdownIncomplete(unacknowledged: unacknowledged)) }
    }
}
