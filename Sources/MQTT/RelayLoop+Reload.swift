// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    /// Goes over to new settings. Nothing that was taken is lost: what is unacknowledged stays in the outbox and the batch,
    /// and a connection is closed only when nothing taken over it is open.
    func apply(_ reload: RelayReload) {
        let old = settings
        settings = reload.settings
        take(reload.publications)
        if old.needsOtherOutput(than: settings) {
            // What the old broker keeps has to be cleared there; the rest of the outbox goes to the new one.
            if output.isReady {
                for message in old.farewell + farewells(from: old) { _ = output.publish(message) }
            }
            output.disconnect(within: .seconds(1))
            if !baseline.isDone { baseline = BaselineReading(settings.baseline) }
            sentinel = SentinelWatch()
            replaceOutput()
        } else {
            take(farewells(from: old) + settings.birth.filter { !old.birth.contains($0) })
        }
        wantsNewInput = wantsNewInput || old.needsOtherInput(than: settings)
        if !wantsNewInput { subscriptions.change(from: old.subscriptions, to: settings.subscriptions) }
        // With a group open the old connection could not end.
        if wantsNewInput, handler.hasOpenGroups { take(handler.flush()) }
    }

    /// Clears what the old settings retained and the new ones do not.
    private func farewells(from old: RelaySettings) -> [MQTTMessage] {
        let kept = Set((settings.birth + [settings.will].compactMap(\.self)).map(\.topic))
        let gone = Set((old.birth + [old.will].compactMap(\.self)).filter(\.isRetained).map(\.topic)).subtracting(kept)
        return gone.sorted().map { MQTTMessage(topic: $0, payload: [], isRetained: true) }
    }

    /// What a reload wants of the input and cannot have while acknowledgements are withheld.
    func catchUpWithSettings() {
        // Nor of a peer that is gone, to which nothing is written any more: its successor is asked.
        guard !input.isHungUp, batch.isEmpty || !input.isReady else { return }
        if wantsNewInput {
            wantsNewInput = false
            input.disconnect(within: .seconds(1))
            replaceInput()
        } else if input.isReady, subscriptions.areMade, subscriptions.hasChanges {
            subscribe(to: subscriptions.takeAdded())
        }
    }

    /// Asks for filters, and gives up those that the session holds and nobody wants any more.
    func subscribe(to filters: [TopicFilter]) {
        let wanted = Set(settings.subscriptions.map(\.filter))
        for filter in subscriptions.takeStale() where !wanted.contains(filter) { input.unsubscribe(filter) }
        guard !filters.isEmpty else { return input.write() }
        subscriptions.begin()
        for filter in filters {
            do throws(MQTTError) {
                subscriptions.asked(filter, id: try input.subscribe(filter, replay: false))
            } catch {
                handler.notice(.subscriptionRefused(filter: filter, reason: "\(error)"))
            }
        }
        // Before any message is read: afterwards nothing may be written until the batch is acknowledged.
        input.write()
    }
}

extension RelaySettings {
    fileprivate func needsOtherInput(than new: RelaySettings) -> Bool {
        input != new.input || inputClientID != new.inputClientID || sessionExpiry != new.sessionExpiry
    }

    /// The last will belongs to the connection.
    fileprivate func needsOtherOutput(than new: RelaySettings) -> Bool {
        output != new.output || outputClientID != new.outputClientID || will != new.will
            || commandTopic != new.commandTopic
    }
}
