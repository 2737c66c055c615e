// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    func outputOccurred(_ occurrence: OutputSide.Occurrence) {
        switch occurrence {
        case .connected(let sessionPresent):
            noticeConnected(.output, output.connection, sessionPresent: sessionPresent)
            // The retained messages must be read before the greeting replaces them.
            if !baseline.isDone {
                startBaseline()
            } else if hasGreeted {
                startSentinel()
            }
            hasGreeted = true
            subscribeToCommands()
        case .published(let id, let reason):
            if baseline.isMarker(id), reason >= 128 {
                finishBaseline(cause: "the marker was refused: \(MQTTError.reasonText(reason))")
            }
        case .subscribed(let id, let codes) where id == commandSubscription: commandsSubscribed(codes)
        case .subscribed(let id, let codes):
            if sentinel.isRefused(id, codes: codes) { handler.notice(.retainedLost) }
            baselineSubscribed(id, codes: codes)
        case .message(let message) where message.topic == settings.commandTopic: commandReceived(message)
        case .message(let message):
            sentinelReceived(message)
            baselineReceived(message)
        case .notice(let event): handler.notice(event)
        case .undeliverable(let message, let reason): take(handler.undeliverable(message, reason: reason))
        case .failed(let error, let service, let cause):
            judge(error, of: .output, service: service, cause: cause)
        }
    }

    /// Makes the connections anew when the output has owed an acknowledgement for too long, or has been away for so
    /// long that the keep-alive of the unread input would fail; the input opens again when the output is up.
    func resetIfOverdue(_ now: Instant) {
        guard now - output.lastProgress > settings.acknowledgementTimeout else { return }
        if output.isReady {
            guard output.inFlight > 0 else { return }
            handler.notice(.acknowledgementsOverdue(unacknowledged: input.batch.count))
            output.reset()
        }
        guard !input.isClosed else { return }
        input.close()
        flushForgotten()
    }
}
