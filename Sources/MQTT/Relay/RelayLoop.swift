// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The loop behind `Relay.run()`: two links, one handler, one thread, no lock.
///
/// `InputSide` explains which acknowledgements are withheld, and why nothing is written to the input meanwhile.
final class RelayLoop {
    typealias Instant = ContinuousClock.Instant

    var settings: RelaySettings
    var handler: any RelayHandler
    private(set) var input: InputSide
    private(set) var output: OutputSide
    var baseline: BaselineReading
    /// The packet identifier of the subscription to commands.
    var commandSubscription: Int32?
    var commandRate = CommandRate()
    var sentinel = SentinelWatch()
    /// True once an output broker was reached.
    var hasGreeted = false
    /// The new settings need another input connection, which is made when no message taken over the old one is open.
    var wantsNewInput = false
    /// How often in a row a side was closed soon after it connected, without a reason.
    var quickLosses: [RelaySide: Int] = [:]
    /// The session of an earlier version, while it is emptied.
    var succession: Succession?
    var unreadable = UnreadableState()
    var standing = Standing.unknown(since: .now)
    var askBackoff: Backoff
    /// The running question whether another process is the reason for closed connections.
    var suspicion: BackgroundTask<Result<String?, MQTTError>>?
    var isDraining = false
    /// True after the operator was told that the input broker's window is too small.
    var windowWasTooSmall = false
    /// The error that ends the loop.
    var fatal: MQTTError?

    private let requests: Locked<Relay.Requests>
    let wakeup: Wakeup
    private var nextAdvance = Instant.now

    init(settings: RelaySettings, handler: any RelayHandler, requests: Locked<Relay.Requests>, wakeup: Wakeup) {
        self.settings = settings
        self.handler = handler
        self.requests = requests
        self.wakeup = wakeup
        baseline = BaselineReading(settings.baseline)
        input = InputSide(settings: settings, wakeup: wakeup)
        output = OutputSide(settings: settings, wakeup: wakeup)
        askBackoff = Backoff(settings.reconnectDelay)
        if settings.presence == nil { standing = .alone }
        if baseline.isDone { input.formerSubscriptions = handler.formerSubscriptions }
        listen()
    }

    private func listen() {
        input.deliver = { [unowned self] in inputOccurred($0) }
        output.deliver = { [unowned self] in outputOccurred($0) }
        output.greeting = { [unowned self] in handler.greeting(settings.birth) }
    }

    /// Replaces the input link; the new one opens when the output is up. The old one is closed and has nothing
    /// unacknowledged.
    func replaceInput(drains former: String? = nil) {
        input = InputSide(settings: settings, after: input, drains: former, wakeup: wakeup)
        quickLosses[.input] = 0
        listen()
    }

    func replaceOutput() {
        output = OutputSide(settings: settings, after: output, wakeup: wakeup)
        quickLosses[.output] = 0
        listen()
    }

    func run() throws(MQTTError) {
        if baseline.isDone { startSuccession() }
        while fatal == nil, !requests.withLock({ $0.isStopping }) { turn(until: nil) }
        guard let fatal else { return shutDown() }
        input.close()
        if case .sessionTakenOver = fatal {
            // The other process runs for the bridge now; our last will must not contradict it.
            output.disconnect(within: .milliseconds(500))
        } else {
            output.close()
        }
        throw fatal
    }

    /// One turn: waits for an event, then does everything that is possible without waiting.
    func turn(until limit: Instant?) {
        var now = Instant.now
        reloadIfAsked()
        checkStanding(now)
        succeed(now)
        clearUnreadable(now)
        settleSuspicion()
        if mayConnect { output.openIfDue(now) }
        if mayOpenInput { input.openIfDue(now) }
        let ready = wait(until: [limit, wakeTime(now)].compactMap(\.self).min(), now)
        now = .now
        output.tick(now)
        input.tick(now)
        if ready.output & Poll.ended != 0 { output.hungUp() }
        if ready.input & Poll.ended != 0 { input.hungUp() }
        if ready.output & POLLIN != 0 || output.isHungUp { output.read() }
        output.write()
        input.write()
        if ready.input & POLLIN != 0 || input.isHungUp, mayReadInput { input.read(while: { mayReadInput }) }
        checkBaseline(now)
        advanceHandler(now)
        flushOverdueGroups(now)
        output.write()
        acknowledgeInput()
        input.subscribeIfDue()
        input.askIfDue(now)
        input.acknowledgeSegments()
        output.acknowledgeSegments()
        relieveWindow(now)
        reportIgnoredCommands()
        resetIfOverdue(now)
        handler.completedPass(
            RelayStatus(
                isInputConnected: input.isReady && !input.isHungUp, isOutputConnected: output.isReady,
                isBaselineDone: baseline.isDone, unacknowledged: input.batch.count, outputProblem: outputProblem))
    }

    private var mayOpenInput: Bool {
        mayConnect && output.isReady && !output.takesNothingSafely && baseline.isDone && !isDraining
            && (succession?.mayOpenInput ?? true) && unreadable.step == nil
    }

    /// Why nothing can be delivered although the output is connected, or why it may not connect; nil when nothing is
    /// wrong.
    private var outputProblem: String? {
        if case .heldBack(let name, _) = standing { return "\(name) speaks for this bridge" }
        if output.takesNothingSafely { return "the broker takes QoS 0 only" }
        if output.isPaused { return "the broker refuses publications for now" }
        guard !output.forbiddenTopics.isEmpty else { return nil }
        return "the broker does not allow \(output.forbiddenTopics.sorted().prefix(3).joined(separator: ", "))"
    }

    /// True while the output accepts results, the batch has room, and either no result of this batch is owed yet or the
    /// handler needs more messages to finish.
    private var mayReadInput: Bool {
        guard input.isReady else { return true }
        guard output.isUsable, !isDraining, fatal == nil, !input.mustWriteFirst else { return false }
        let batch = input.batch
        guard batch.count < settings.batchLimit, output.owed < settings.batchLimit else { return false }
        // Stop a half-full batch at a group boundary: filling it to the limit would cut a group in two.
        if batch.count >= max(1, settings.batchLimit / 2), !handler.hasOpenGroups { return false }
        return batch.isEmpty || output.owed == 0 || batch.isFilling || handler.hasOpenGroups
    }

    // MARK: Waiting

    private func wait(until deadline: Instant?, _ now: Instant) -> (input: Int32, output: Int32) {
        var entries = [
            pollfd(fd: input.descriptor, events: Int16(Poll.peerClosed), revents: 0),
            pollfd(fd: output.descriptor, events: Int16(POLLIN | Poll.peerClosed), revents: 0),
            pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        input.isFilling = false
        if mayReadInput { entries[0].events |= Int16(POLLIN) }
        if input.awaitsWritability { entries[0].events |= Int16(POLLOUT) }
        if output.awaitsWritability { entries[1].events |= Int16(POLLOUT) }
        // poll(2) reports nothing more for a peer that is gone.
        let isRest = input.isHungUp && mayReadInput
        let timeout = isRest || output.isHungUp ? 0 : deadline.map { min(200, Poll.milliseconds($0 - now)) } ?? 200
        input.isFilling = isRest
        guard poll(&entries, 3, timeout) > 0 else { return (0, 0) }
        if entries[2].revents != 0 { wakeup.clear() }
        input.isFilling = true
        return (Int32(entries[0].revents), Int32(entries[1].revents))
    }

    /// The next time at which something is due without an event on a descriptor. Only times at which something can
    /// really be done: any other would keep poll from waiting.
    private func wakeTime(_ now: Instant) -> Instant? {
        var times = [output.resumeTime, standingTime, successionTime, baseline.isDone ? nil : baseline.deadline]
        if mayConnect { times.append(output.retryTime) }
        if mayOpenInput { times.append(input.retryTime) }
        if handler.hasOpenGroups { times.append(input.batch.flushTime(settings)) }
        times.append(reliefTime)
        if mayAdvance { times.append(handler.timeUntilDeadline.map { now + $0 }) }
        return times.compactMap(\.self).min()
    }

    // MARK: The handler's time

    /// Timed results obey the same back-pressure as those of messages: an absent output must not fill the memory.
    private var mayAdvance: Bool { baseline.isDone && !isDraining && output.owed < settings.batchLimit }

    private func reloadIfAsked() {
        let isAsked = requests.withLock { requests in
            defer { requests.isReloading = false }
            return requests.isReloading
        }
        if isAsked, !isDraining, let reload = handler.reload() { apply(reload) }
        catchUpWithSettings()
    }

    private func advanceHandler(_ now: Instant) {
        guard mayAdvance else { return }
        let isWoken = requests.withLock { requests in
            defer { requests.isWoken = false }
            return requests.isWoken
        }
        let isDue = handler.timeUntilDeadline.map { $0 <= .zero } ?? false
        guard isWoken || isDue || now >= nextAdvance else { return }
        nextAdvance = now + .seconds(1)
        take(handler.advance())
    }

    private func flushOverdueGroups(_ now: Instant) {
        guard handler.hasOpenGroups, let flushTime = input.batch.flushTime(settings) else { return }
        guard now >= flushTime || input.batch.count >= settings.batchLimit else { return }
        input.wasFlushed(now)
        take(handler.flush())
    }

    // MARK: Results and acknowledgements

    /// Takes results of the handler, which are kept until the output broker acknowledges them.
    func take(_ messages: [MQTTMessage]) { output.take(messages) }

    /// Acknowledges the input; no other method does so.
    func acknowledgeInput() {
        guard output.owed == 0, !handler.hasOpenGroups, let oldest = input.acknowledge() else { return }
        handler.acknowledged(after: Instant.now - oldest)
    }
}
