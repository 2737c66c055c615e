// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    /// A message that libmosquitto refuses ends each connection at the same place. Three of them, and it is taken out of the way.
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

    /// The next step, when the last one is through.
    func clearUnreadable(_ now: Instant) {
        guard let step = unreadable.step else { return }
        switch step {
        case .looking(let task):
            guard let result = task.result else { return }
            guard let packet = result else {
                unreadable.step = nil
                return giveUpQueueIfHopeless(now)
            }
            // Published first and acknowledged then: a crash in between does it again.
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

    /// What cannot be found cannot be taken out of the way. After ten connections and ten minutes without any that lasted, the
    /// session is given up with all that waits in it: otherwise nothing would ever come again.
    private func giveUpQueueIfHopeless(_ now: Instant) {
        guard unreadable.losses >= 10, let since = unreadable.since, now - since >= settings.refusalPatience else {
            return
        }
        unreadable.step = .ending(
            Succession.visit(settings, clientID: settings.inputClientID, filters: nil, wakeup: wakeup))
    }
}

/// How far the relay is with a message that libmosquitto refuses.
struct UnreadableState {
    enum Step {
        case looking(BackgroundTask<UnreadablePacket?>)
        case publishing(UnreadablePacket)
        case acknowledging(BackgroundTask<UnreadablePacket?>, UnreadablePacket)
        /// The session is ended with all that waits in it.
        case ending(BackgroundTask<MQTTError?>)
    }

    /// Input connections in a row that ended at something unreadable.
    var losses = 0
    var since: ContinuousClock.Instant?
    /// What the connection spoke that ended so. The next one may try another version first.
    var version = ProtocolVersion.v5
    /// While there is one, the input stays closed.
    var step: Step?
}
