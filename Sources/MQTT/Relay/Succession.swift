// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Takes over from a session with another client id, which an earlier version of the bridge left at the input broker.
/// First the new session is made, so that from now on it gets the messages; then the old one, which holds the older
/// messages, is emptied through the handler; then it is ended. Messages that reached both sessions are handled twice,
/// with the same ids.
struct Succession {
    enum Step {
        /// The new session is being made.
        case founding(BackgroundTask<MQTTError?>)
        /// Making or ending a session failed, and will be tried again.
        case waiting(until: ContinuousClock.Instant, isEnding: Bool)
        /// The input is the old session.
        case draining
        /// The old session is being ended.
        case ending(BackgroundTask<MQTTError?>)
    }

    let clientID: String
    var step: Step
    var backoff: Backoff
    var count = 0

    var mayOpenInput: Bool { if case .draining = step { true } else { false } }

    /// Connects with a client id, and leaves its session with these filters; without filters it ends the session.
    static func visit(
        _ settings: RelaySettings, clientID: String, filters: [TopicFilter]?, wakeup: Wakeup
    ) -> BackgroundTask<MQTTError?> {
        let noThread = MQTTError.library(operation: "starting a thread to connect as \(clientID)", errno: EAGAIN)
        return BackgroundTask(wakeup: wakeup, orElse: noThread) {
            var plan = LinkPlan(broker: settings.input, clientID: clientID)
            plan.sessionExpiry = filters == nil ? nil : settings.sessionExpiry
            let client = OneShotClient(plan: plan)
            defer { client.close() }
            do throws(MQTTError) {
                try client.connect()
                for filter in filters ?? [] {
                    // A refused filter is reported when the session is used.
                    do throws(MQTTError) { try client.subscribe([filter]) } catch .subscriptionRefused {}
                }
                return nil
            } catch {
                return error
            }
        }
    }
}

extension RelayLoop {
    /// Starts the succession, once the state of an earlier process is known.
    func startSuccession() {
        guard succession == nil, let former = handler.formerClientID, former != settings.inputClientID else { return }
        handler.notice(.drainingSession(clientID: former))
        succession = Succession(clientID: former, step: foundingStep, backoff: Backoff(settings.reconnectDelay))
    }

    private var foundingStep: Succession.Step {
        .founding(
            Succession.visit(
                settings, clientID: settings.inputClientID, filters: settings.subscriptions, wakeup: wakeup))
    }

    private func endingStep(_ clientID: String) -> Succession.Step {
        .ending(Succession.visit(settings, clientID: clientID, filters: nil, wakeup: wakeup))
    }

    /// Takes the next step once the last one is finished.
    func succeed(_ now: Instant) {
        guard var succession, mayConnect, !isDraining else { return }
        switch succession.step {
        case .founding(let task):
            guard let result = task.result else { return }
            if let error = result {
                handler.notice(.disconnected(side: .input, reason: error))
                succession.step = .waiting(until: now + succession.backoff.next(), isEnding: false)
            } else {
                replaceInput(drains: succession.clientID)
                input.formerSubscriptions = handler.formerSubscriptions
                succession.step = .draining
            }
        case .waiting(let time, let isEnding):
            guard now >= time else { return }
            succession.step = isEnding ? endingStep(succession.clientID) : foundingStep
        case .draining:
            guard input.isEmptied(now) else { return }
            succession.count = input.messageCount
            input.disconnect(within: .seconds(1))
            succession.step = endingStep(succession.clientID)
        case .ending(let task):
            guard let result = task.result else { return }
            if let error = result {
                handler.notice(.disconnected(side: .input, reason: error))
                succession.step = .waiting(until: now + succession.backoff.next(), isEnding: true)
                break
            }
            handler.notice(.sessionDrained(clientID: succession.clientID, count: succession.count))
            self.succession = nil
            replaceInput()
            return
        }
        self.succession = succession
    }

    /// When the next attempt is due.
    var successionTime: Instant? {
        guard let succession, case .waiting(let time, _) = succession.step else { return nil }
        return time
    }
}
