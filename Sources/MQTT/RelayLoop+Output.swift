// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto

extension RelayLoop {
    func outputOccurred(_ occurrence: Link.Occurrence) {
        switch occurrence {
        case .connected(let sessionPresent):
            lastProgress = .now
            noticeConnected(.output, output.view, sessionPresent: sessionPresent)
            outbox.restart(greeting: settings.birth)
            // The subscriptions first: what the broker has retained is to be seen before the greeting replaces it.
            if !baseline.isDone {
                startBaseline()
            } else if hasGreeted {
                startSentinel()
            }
            hasGreeted = true
            handOver()
            subscribeToCommands()
        case .published(let id, let reason): outputPublished(id, reason: reason)
        case .subscribed(let id, let codes) where id == commandSubscription: commandsSubscribed(codes)
        case .subscribed(let id, let codes):
            if sentinel.isRefused(id, codes: codes) { handler.notice(.retainedLost) }
            baselineSubscribed(id, codes: codes)
        case .message(let message) where message.topic == settings.commandTopic: commandReceived(message)
        case .message(let message):
            sentinelReceived(message)
            baselineReceived(message)
        case .failed(let error, let service, let isUnexplained):
            if service != nil { lastProgress = .now }
            judge(error, of: .output, service: service, isUnexplained: isUnexplained)
        }
    }

    private func outputPublished(_ id: Int32, reason: Int32) {
        lastProgress = .now
        if let message = outbox.complete(id), reason >= 128 {
            report(refused: message.topic, MQTTError.reasonText(reason))
        } else if baseline.isMarker(id), reason >= 128 {
            finishBaseline(cause: "the marker was refused: \(MQTTError.reasonText(reason))")
        }
    }

    /// A refused publication counts as done: repeating it would be refused again, for ever.
    func report(refused topic: String, _ reason: String) {
        if let suppressed = refusals.note(.now) {
            handler.notice(.publicationRefused(topic: topic, reason: reason, suppressed: suppressed))
        }
    }

    /// When the output owes an acknowledgement for too long, or is away for so long that the unread input would miss its
    /// signs of life, the connections are made anew; the input opens again when the output is up.
    func resetIfOverdue(_ now: Instant) {
        guard now - lastProgress > settings.acknowledgementTimeout else { return }
        if output.isReady {
            guard outbox.inFlightCount > 0 else { return }
            handler.notice(.acknowledgementsOverdue(unacknowledged: input.batch.count))
            output.reset(.timedOut(address: settings.output.address, waitingFor: "acknowledgement"))
        }
        guard !input.isClosed else { return }
        input.close()
        flushForgotten()
    }
}
