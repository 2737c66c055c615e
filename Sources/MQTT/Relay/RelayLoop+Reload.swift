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
            // Another broker, or another name on it, may have another process.
            if old.output != settings.output { standing = .unknown(since: .now) }
        } else {
            output.adopt(settings)
            take(farewells(from: old) + settings.birth.filter { !old.birth.contains($0) })
        }
        wantsNewInput = wantsNewInput || old.needsOtherInput(than: settings)
        if !wantsNewInput { input.change(to: settings.subscriptions, asking: settings.questions) }
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
        // A peer that is gone is not written to: its successor is asked.
        guard !input.isHungUp, input.batch.isEmpty || !input.isReady else { return }
        if wantsNewInput {
            wantsNewInput = false
            input.disconnect(within: .seconds(1))
            replaceInput()
        } else {
            input.subscribeIfDue()
        }
    }
}

extension RelaySettings {
    fileprivate func needsOtherInput(than new: RelaySettings) -> Bool {
        input != new.input || inputClientID != new.inputClientID || sessionExpiry != new.sessionExpiry
            || payloadLimit != new.payloadLimit
    }

    /// The last will belongs to the connection.
    fileprivate func needsOtherOutput(than new: RelaySettings) -> Bool {
        output != new.output || outputClientID != new.outputClientID || will != new.will
            || commandTopic != new.commandTopic || acceptsLoss != new.acceptsLoss
            || deadLetterTopic != new.deadLetterTopic
    }
}
