// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    /// Applies new settings while running. No message already taken is lost: unacknowledged ones stay in the outbox and
    /// the batch, and a connection is closed only when no message taken over it is open.
    func apply(_ reload: RelayReload) {
        let old = settings
        settings = reload.settings
        take(reload.publications)
        if old.needsOtherOutput(than: settings) {
            // The retained messages on the old broker must be cleared there; the rest of the outbox goes to the new
            // one.
            if output.isReady {
                for message in old.farewell + farewells(from: old) { _ = output.publish(message) }
            }
            output.disconnect(within: .seconds(1))
            if !baseline.isDone { baseline = BaselineReading(settings.baseline) }
            sentinel = SentinelWatch()
            replaceOutput()
            // Another broker, or another login, may have another process.
            if old.output != settings.output { standing = .unknown(since: .now) }
        } else {
            output.adopt(settings)
            take(farewells(from: old) + settings.birth.filter { !old.birth.contains($0) })
        }
        wantsNewInput = wantsNewInput || old.needsOtherInput(than: settings)
        if !wantsNewInput { input.change(to: settings.subscriptions, asking: settings.questions) }
        // An open group would keep the old connection from ending.
        if wantsNewInput, handler.hasOpenGroups { take(handler.flush()) }
    }

    /// Clears the retained messages of the old settings that the new settings do not have.
    private func farewells(from old: RelaySettings) -> [MQTTMessage] {
        let kept = Set((settings.birth + [settings.will].compactMap(\.self)).map(\.topic))
        let gone = Set((old.birth + [old.will].compactMap(\.self)).filter(\.isRetained).map(\.topic)).subtracting(kept)
        return gone.sorted().map { MQTTMessage(topic: $0, payload: [], isRetained: true) }
    }

    /// Applies those changes of a reload to the input that must wait while acknowledgements are withheld.
    func catchUpWithSettings() {
        // Nothing is written to a peer that is gone: the next connection subscribes.
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

    /// The last will is part of the connection.
    fileprivate func needsOtherOutput(than new: RelaySettings) -> Bool {
        output != new.output || outputClientID != new.outputClientID || will != new.will
            || commandTopic != new.commandTopic || acceptsLoss != new.acceptsLoss
            || deadLetterTopic != new.deadLetterTopic
    }
}
