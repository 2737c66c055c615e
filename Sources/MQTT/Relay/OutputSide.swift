// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// The connection that results are published on, with unacknowledged and refused publications.
final class OutputSide {
    typealias Instant = ContinuousClock.Instant

    enum Occurrence {
        case connected(sessionPresent: Bool)
        case subscribed(id: Int32, codes: [Int32])
        case message(MQTTMessage)
        /// The answer to a publication that is not kept in the outbox.
        case published(id: Int32, reason: Int32)
        case notice(RelayEvent)
        /// The broker refuses this publication for good.
        case undeliverable(MQTTMessage, reason: String)
        case failed(MQTTError, service: Duration?, cause: LossCause)
    }

    var deliver: (Occurrence) -> Void = { _ in }
    /// The first messages of each connection.
    var greeting: () -> [MQTTMessage] = { [] }
    /// When the broker last acknowledged something, connected, or got its first publication after it owed nothing.
    private(set) var lastProgress = Instant.now
    /// Topics on which the broker does not allow the bridge to publish.
    private(set) var forbiddenTopics: Set<String> = []
    private let link: Link
    private var settings: RelaySettings
    private var outbox: Outbox
    private var refusals = RefusalReport()
    /// The pause after a temporary refusal.
    private var pause: Backoff
    private var pauseEnd: Instant?
    private var isRecovering = false
    /// The order of the last refused publication.
    private var lastRefused = 0
    private var suspect: Suspect?
    /// How many of the next publications are sent one at a time.
    private var careful = 0
    /// True when the broker has acknowledged something on this connection.
    private var hasAcknowledged = false

    /// A publication on which the broker closes the connection again and again.
    private struct Suspect {
        let order: Int
        /// Closed connections on which it was the first unacknowledged publication.
        var closes = 1
        /// Closed connections on which nothing else was in flight and the greeting had been acknowledged.
        var closesAlone = 0
    }

    /// - Parameter predecessor: the output of the settings before a reload; this output delivers what it had not
    ///   delivered.
    init(settings: RelaySettings, after predecessor: OutputSide? = nil, wakeup: Wakeup) {
        var plan = LinkPlan(broker: settings.output, clientID: settings.outputClientID)
        plan.will = settings.will
        plan.take(settings)
        link = Link(plan: plan, wakeup: wakeup)
        self.settings = settings
        outbox = predecessor?.outbox ?? Outbox()
        pause = Backoff(settings.refusalPause)
        link.deliver = { [unowned self] in occurred($0) }
    }

    // MARK: The connection

    var connection: LinkView { link.view }
    var isReady: Bool { link.isReady }
    var isHungUp: Bool { link.isHungUp }
    var retryTime: Instant? { link.retryTime }
    var descriptor: Int32 { link.descriptor }
    var awaitsWritability: Bool { link.awaitsWritability }
    /// True when the broker acknowledges nothing and the configuration does not accept that.
    var takesNothingSafely: Bool { link.isReady && link.maximumQoS == 0 && !settings.acceptsLoss }
    /// True when results can be delivered now.
    var isUsable: Bool { link.isReady && !takesNothingSafely && !outbox.isHeldBack }
    /// True while it waits after a refusal before it sends again.
    var isPaused: Bool { outbox.isHeldBack }
    /// When the pause after a refusal ends: at once for publications that another broker refused before a reload.
    var resumeTime: Instant? {
        outbox.isHeldBack && outbox.inFlightCount == 0 ? pauseEnd ?? lastProgress : nil
    }

    func openIfDue(_ now: Instant) { link.openIfDue(now) }
    func hungUp() { link.hungUp() }
    func read() { link.read() }
    func acknowledgeSegments() { link.acknowledgeSegments() }
    func close() { link.close() }
    func disconnect(within limit: Duration) { link.disconnect(within: limit) }

    func tick(_ now: Instant) {
        link.tick(now)
        guard let resumeTime, now >= resumeTime else { return }
        pauseEnd = nil
        // The broker owed no acknowledgement during the pause.
        lastProgress = now
        outbox.sendAgain()
    }

    /// Reconnects because the broker has owed acknowledgements for too long.
    func reset() {
        link.reset(.timedOut(address: settings.output.address, waitingFor: "acknowledgement"))
    }

    // MARK: Publishing

    /// Number of publications that the broker has not acknowledged.
    var owed: Int { outbox.count }
    var inFlight: Int { outbox.inFlightCount }

    /// Takes results, which are kept until the broker acknowledges them.
    func take(_ messages: [MQTTMessage]) {
        guard !messages.isEmpty else { return }
        if outbox.isEmpty { lastProgress = .now }
        outbox.append(messages)
        handOver()
    }

    /// Passes as many publications to libmosquitto as its window takes, and writes them.
    func write() {
        handOver()
        link.write()
    }

    /// Passes as many publications to libmosquitto as its window takes, so that its lists stay short and message ids
    /// unique.
    private func handOver() {
        guard isUsable else { return }
        var refused: [(MQTTMessage, String)] = []
        outbox.send(limit: careful > 0 ? 1 : settings.batchLimit) { message in
            let (id, status) = publish(message)
            // "No connection" means queued; the coming reconnect publishes it again anyway.
            if status == MOSQ_ERR_SUCCESS.rawValue || status == MOSQ_ERR_NO_CONN.rawValue { return id }
            refused.append((message, MQTTError.text(code: status, errno: errno)))
            return nil
        }
        for (message, reason) in refused { giveUp(message, reason) }
    }

    /// Publishes a message without keeping it.
    func publish(_ message: MQTTMessage) -> (id: Int32, status: Int32) {
        guard settings.acceptsLoss || link.maximumQoS == 0 else { return link.publish(message) }
        var message = message
        message.qos = .atMostOnce
        return link.publish(message)
    }

    func subscribe(_ filter: TopicFilter, replay: Bool) throws(MQTTError) -> Int32 {
        try link.subscribe(filter, replay: replay)
    }

    func unsubscribe(_ filter: String) { link.unsubscribe(filter) }

    /// Applies settings with which the connection can stay. The topics may have changed.
    func adopt(_ settings: RelaySettings) {
        self.settings = settings
        forbiddenTopics = []
    }

    // MARK: What the broker answers

    private func occurred(_ occurrence: Link.Occurrence) {
        switch occurrence {
        case .connected(let sessionPresent):
            lastProgress = .now
            hasAcknowledged = false
            forbiddenTopics = []
            outbox.restart(greeting: greeting())
            // The owner subscribes first: it must read the retained messages before the greeting replaces them.
            deliver(.connected(sessionPresent: sessionPresent))
            if takesNothingSafely { deliver(.notice(.acknowledgesNothing(address: settings.output.address))) }
            handOver()
        case .published(let id, let reason): answered(id, reason)
        case .subscribed(let id, let codes): deliver(.subscribed(id: id, codes: codes))
        case .message(let message): deliver(.message(message))
        case .failed(let error, let service, let cause):
            if service != nil { lastProgress = .now }
            if service != nil { lookForSuspect(cause) }
            deliver(.failed(error, service: service, cause: cause))
        }
    }

    private func answered(_ id: Int32, _ reason: Int32) {
        lastProgress = .now
        guard reason >= 128 else {
            guard let entry = outbox.complete(id) else { return deliver(.published(id: id, reason: reason)) }
            hasAcknowledged = true
            if careful > 0 { careful -= 1 }
            if !entry.isGreeting { link.noteProgress() }
            if !forbiddenTopics.isEmpty { forbiddenTopics.remove(entry.message.topic) }
            if entry.order == suspect?.order { suspect = nil }
            if isRecovering, !outbox.isHeldBack {
                isRecovering = false
                pause = Backoff(settings.refusalPause)
                deliver(.notice(.outputResumed))
            }
            return
        }
        guard let entry = outbox.refused(id, at: lastProgress) else {
            return deliver(.published(id: id, reason: reason))
        }
        let text = MQTTError.reasonText(reason)
        // MQTT 5.0, table 3-8. "Quota exceeded" means "later"; the two unspecific codes get ten minutes.
        let mayPass =
            switch UInt32(bitPattern: reason) {
            case MQTT_RC_QUOTA_EXCEEDED.rawValue: true
            case MQTT_RC_UNSPECIFIED.rawValue, MQTT_RC_IMPLEMENTATION_SPECIFIC.rawValue: !isHopeless(entry)
            default: false
            }
        if entry.message.topic == settings.deadLetterTopic || !mayPass {
            outbox.discard(id)
            if reason == Int32(MQTT_RC_NOT_AUTHORIZED.rawValue), forbiddenTopics.count < 100 {
                forbiddenTopics.insert(entry.message.topic)
            }
            return giveUp(entry.message, text)
        }
        if !outbox.isHeldBack {
            // Earlier publications got through: the broker accepts some, and longer pauses would not help.
            if entry.order > lastRefused { pause = Backoff(settings.refusalPause) }
            lastRefused = entry.order
            careful = Self.carefulCount
            let length = pause.next()
            pauseEnd = lastProgress + length
            isRecovering = true
            deliver(.notice(.outputPaused(topic: entry.message.topic, reason: text, length: length)))
        }
        outbox.holdBack(id)
    }

    private func isHopeless(_ entry: Outbox.Entry) -> Bool {
        guard let first = entry.firstRefusal else { return false }
        return entry.refusals >= 10 && lastProgress - first >= settings.refusalPatience
    }

    /// Gives up a publication that the broker refuses: its dead letter is published; a refused dead letter is only
    /// counted.
    private func giveUp(_ message: MQTTMessage, _ reason: String) {
        if let suppressed = refusals.note(.now) {
            deliver(.notice(.publicationRefused(topic: message.topic, reason: reason, suppressed: suppressed)))
        }
        guard let deadLetterTopic = settings.deadLetterTopic, message.topic != deadLetterTopic else { return }
        deliver(.undeliverable(message, reason: reason))
    }

    /// A broker may close the connection on a publication that it does not want: MQTT 3.1.1 has no other way to refuse
    /// a forbidden topic or a message that is too large. The oldest publication in flight is then tried alone.
    private func lookForSuspect(_ cause: LossCause) {
        guard cause.isBrokersDoing, let first = outbox.oldestInFlight else {
            suspect = nil
            return
        }
        if suspect?.order == first.order {
            suspect?.closes += 1
        } else {
            suspect = Suspect(order: first.order)
        }
        let wasCareful = careful > 0
        if wasCareful || (suspect?.closes ?? 0) >= 3 { careful = Self.carefulCount }
        guard wasCareful, outbox.inFlightCount == 1, hasAcknowledged || settings.birth.isEmpty else { return }
        suspect?.closesAlone += 1
        guard let alone = suspect?.closesAlone, alone >= 3, let message = outbox.discardOldestInFlight() else { return }
        suspect = nil
        giveUp(message, "the broker closes the connection at it each time (\(message.payload.count) bytes)")
    }

    /// How many publications are then sent one at a time: a broker that closes before it has acknowledged anything of a
    /// full window would otherwise make no progress.
    private static var carefulCount: Int { 200 }
}
