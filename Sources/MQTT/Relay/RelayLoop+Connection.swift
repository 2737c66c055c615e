// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    func noticeConnected(_ side: RelaySide, _ link: LinkView, sessionPresent: Bool) {
        if link.isFallback { handler.notice(.fellBackTo311(side: side, address: link.broker.address)) }
        handler.notice(.connected(side: side, version: link.version, sessionPresent: sessionPresent))
    }

    /// Decides whether a failed connection is tried again, leads to a question, or ends the relay.
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
        // What once worked is the broker's affair, which may pass; what never worked is the configuration's.
        if link.hasEverConnected {
            handler.notice(.refused(side: side, reason: error))
        } else {
            fatal = error
        }
    }

    /// A broker that closes a connection again and again, without a word, soon after it was made: MQTT 3.1.1 cannot say that
    /// another client took the session, and mosquitto 2.0.11 does not say it with 5 either. It may as well be a limit of the
    /// broker, or a proxy. Only an answer proves that there is another bridge.
    private func wonderWhy(_ side: RelaySide, _ service: Duration) {
        quickLosses[side] = 0
        handler.notice(
            .closedAgainAndAgain(
                side: side, clientID: side == .input ? settings.inputClientID : settings.outputClientID,
                service: service))
        guard suspicion == nil, let presence = settings.presence else { return }
        suspicion = presence.ask(settings.output, wakeup: wakeup)
    }

    /// Takes in the answer to a question that was asked while running.
    func settleSuspicion() {
        guard let result = suspicion?.result else { return }
        suspicion = nil
        if case .success(let name?) = result { holdBack(by: name) }
    }

    /// The broker says that another client took the session.
    private func yield(_ clientID: String) {
        guard settings.presence?.retry != nil else {
            fatal = .sessionTakenOver(clientID: clientID)
            return
        }
        holdBack(by: "a client with the id \"\(clientID)\"")
    }

    /// Stops taking messages, finishes those taken, says farewell. On time-out nothing more is written: the broker keeps
    /// the input's messages and publishes the last will.
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
