// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    func inputOccurred(_ occurrence: InputSide.Occurrence) {
        switch occurrence {
        case .connected(let sessionPresent):
            unreadable.version = input.connection.version
            noticeConnected(.input, input.connection, sessionPresent: sessionPresent)
        case .message(let message): take(handler.handle(message))
        case .notice(let event): handler.notice(event)
        case .failed(let error, let service, let cause):
            flushForgotten()
            noteUnreadable(cause, service: service)
            judge(error, of: .input, service: service, cause: cause)
        }
    }

    /// Emits the handler's open groups after a lost connection: their messages will be delivered again and must start
    /// new groups. A repeated result is allowed, a lost one is not.
    func flushForgotten() {
        if handler.hasOpenGroups { take(handler.flush()) }
    }

    /// Acknowledges the messages so far of a group that is larger than the broker's window; see `InputSide.reliefTime`.
    func relieveWindow(_ now: Instant) {
        guard let reliefTime, now >= reliefTime else { return }
        if !windowWasTooSmall { handler.notice(.windowTooSmall(unacknowledged: input.batch.count)) }
        windowWasTooSmall = true
        input.relieve()
    }

    /// nil while nothing is stuck.
    var reliefTime: Instant? { output.owed == 0 && handler.hasOpenGroups ? input.reliefTime : nil }
}
