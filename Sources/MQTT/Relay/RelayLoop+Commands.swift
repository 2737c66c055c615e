// SPDX-License-Identifier: Apache-2.0
/// The limit for commands: a burst of 20, then ten a second. Commands are executed between two messages, which a flood
/// of them would delay.
struct CommandRate {
    private var allowance = 20.0
    private var last: ContinuousClock.Instant?
    private var ignored = 0
    private var nextReport: ContinuousClock.Instant?

    /// Whether a command that arrives now is taken.
    ///
    /// - Parameter isBehind: true when the output broker has not acknowledged the results so far.
    mutating func takes(at now: ContinuousClock.Instant, isBehind: Bool) -> Bool {
        if let last { allowance = min(20, allowance + (now - last) / .milliseconds(100)) }
        last = now
        guard allowance >= 1, !isBehind else {
            ignored += 1
            return false
        }
        allowance -= 1
        return true
    }

    /// The number of commands ignored since the last report, at most one report in ten seconds; nil: nothing to report.
    mutating func report(at now: ContinuousClock.Instant) -> Int? {
        guard ignored > 0, nextReport.map({ $0 <= now }) ?? true else { return nil }
        defer { ignored = 0 }
        nextReport = now + .seconds(10)
        return ignored
    }
}

extension RelayLoop {
    /// Subscribes on every connection: the session is a clean one, so that a command whose sender no longer waits is
    /// not executed.
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

    /// A retained command would be executed again at every start, and a command before the baseline would find no
    /// meters.
    func commandReceived(_ message: MQTTMessage) {
        guard !message.isRetained, baseline.isDone, !isDraining else { return }
        // Answers obey the same back-pressure as results.
        guard commandRate.takes(at: .now, isBehind: output.owed >= settings.batchLimit) else { return }
        take(handler.command(message))
    }

    /// Called in each turn, so that the last commands of a flood are reported too.
    func reportIgnoredCommands() {
        if let count = commandRate.report(at: .now) { handler.notice(.commandsIgnored(count: count)) }
    }
}
