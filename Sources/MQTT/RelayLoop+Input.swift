// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    func inputOccurred(_ occurrence: Link.Occurrence) {
        switch occurrence {
        case .connected(let sessionPresent): inputConnected(sessionPresent: sessionPresent)
        case .message(let message):
            batch.note(message)
            take(handler.handle(message))
        case .subscribed(let id, let codes):
            if let event = subscriptions.answered(id, codes: codes, version: input.version) { handler.notice(event) }
            if let filters = subscriptions.takeAccepted() { handler.notice(.subscribed(filters: filters)) }
        case .failed(let error, let service, let isUnexplained):
            forgetBatch()
            judge(error, of: .input, service: service, isUnexplained: isUnexplained)
        case .published: break
        }
    }

    private func inputConnected(sessionPresent: Bool) {
        noticeConnected(.input, sessionPresent: sessionPresent)
        let isFirst = !subscriptions.areMade
        if !isFirst, !sessionPresent {
            handler.notice(.sessionLost(clientID: settings.inputClientID))
        }
        guard isFirst || !sessionPresent else { return }
        do throws(MQTTError) {
            subscriptions.begin()
            for filter in settings.subscriptions {
                subscriptions.asked(filter, id: try input.subscribe(filter, replay: false))
            }
            // Before any message is read: afterwards nothing may be written until the batch is acknowledged.
            input.write()
        } catch {
            // The filter text itself is refused, or the connection is gone, which the next read tells.
            handler.notice(.disconnected(side: .input, reason: error))
        }
    }

    /// The input connection is gone with its withheld acknowledgements: those messages come again. What the handler has
    /// open of them is emitted now, so that the same messages start afresh; a repeated result is allowed, a lost one not.
    func forgetBatch() {
        batch = InputBatch()
        if handler.hasOpenGroups { take(handler.flush()) }
    }
}
