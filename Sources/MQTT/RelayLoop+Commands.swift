// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    /// On every connection: its session is a clean one, so that a command which nobody waits for any more is not executed.
    func subscribeToCommands() {
        guard let topic = settings.commandTopic else { return }
        do throws(MQTTError) {
            commandSubscription = try output.subscribe(TopicFilter(topic), replay: false)
        } catch {
            handler.notice(.subscriptionRefused(filter: TopicFilter(topic), reason: "\(error)"))
        }
    }

    func commandsSubscribed(_ codes: [Int32]) {
        guard let topic = settings.commandTopic, let code = codes.first(where: { $0 >= 128 }) else { return }
        let reason = code == 128 ? "the broker does not allow it" : MQTTError.reasonText(code)
        handler.notice(.subscriptionRefused(filter: TopicFilter(topic), reason: reason))
    }

    /// A retained command would be executed again at every start, and one before the baseline would know no meter.
    func commandReceived(_ message: MQTTMessage) {
        guard !message.isRetained, baseline.isDone, !isDraining else { return }
        take(handler.command(message))
    }
}
