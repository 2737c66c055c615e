// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    /// A message that libmosquitto rejects ends each connection at the same place. After three of them it is removed.
    func noteUnreadable(_ cause: LossCause, service: Duration?) {
        guard cause == .unreadable else {
            if service != nil { unreadable.losses = 0 }
            return
        }
        unreadable.losses += 1
        unreadable.since = unreadable.losses == 1 ? .now : unreadable.since
        guard unreadable.losses >= 3, unreadable.step == nil else { return }
        unreadable.step = .looking(find(acknowledging: nil))
    }

    private func find(acknowledging packet: UnreadablePacket?) -> BackgroundTask<UnreadablePacket?> {
        UnreadablePacket.find(
            settings, version: unreadable.version, acknowledging: packet, wakeup: wakeup)
    }

    /// Takes the next step once the last one is finished.
    func clearUnreadable(_ now: Instant) {
        guard let step = unreadable.step else { return }
        switch step {
        case .looking(let task):
            guard let result = task.result else { return }
            guard let packet = result else {
                unreadable.step = nil
                return giveUpQueueIfHopeless(now)
            }
            // Publish first and acknowledge then: after a crash in between, both are repeated.
            take(handler.unreadable(topic: packet.topic, payload: packet.payload))
            unreadable.step = .publishing(packet)
        case .publishing(let packet):
            guard output.owed == 0, output.isReady else { return }
            unreadable.step = .acknowledging(find(acknowledging: packet), packet)
        case .acknowledging(let task, let packet):
            guard let result = task.result else { return }
            unreadable.step = nil
            if result == packet {
                unreadable.losses = 0
                handler.notice(.unreadableTaken(topic: packet.topic))
            }
        case .ending(let task):
            guard let result = task.result else { return }
            unreadable.step = nil
            if result == nil {
                unreadable.losses = 0
                handler.notice(.queueGivenUp(clientID: settings.inputClientID))
            }
        }
    }

    /// A message that cannot be found cannot be removed. After ten connections and ten minutes without a lasting one,
    /// the session is given up with all its messages: otherwise no message would ever arrive again.
    private func giveUpQueueIfHopeless(_ now: Instant) {
        guard unreadable.losses >= 10, let since = unreadable.since, now - since >= settings.refusalPatience else {
            return
        }
        unreadable.step = .ending(
            Succession.visit(settings, clientID: settings.inputClientID, filters: nil, wakeup: wakeup))
    }
}

/// The progress of removing a message that libmosquitto rejects.
struct UnreadableState {
    enum Step {
        case looking(BackgroundTask<UnreadablePacket?>)
        case publishing(UnreadablePacket)
        case acknowledging(BackgroundTask<UnreadablePacket?>, UnreadablePacket)
        /// The session is ended with all its messages.
        case ending(BackgroundTask<MQTTError?>)
    }

    /// Consecutive input connections that ended on something unreadable.
    var losses = 0
    var since: ContinuousClock.Instant?
    /// The MQTT version of the connection that ended so. The next connection may try another version first.
    var version = ProtocolVersion.v5
    /// While it is set, the input stays closed.
    var step: Step?
}
