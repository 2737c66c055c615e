// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// The connection that results are published on, with what the broker has not acknowledged, and what it refuses.
final class OutputSide {
    typealias Instant = ContinuousClock.Instant

    enum Occurrence {
        case connected(sessionPresent: Bool)
        case subscribed(id: Int32, codes: [Int32])
        case message(MQTTMessage)
        /// The answer to a publication that is not kept in the outbox.
        case published(id: Int32, reason: Int32)
        case notice(RelayEvent)
        /// The broker will not take this publication.
        case undeliverable(MQTTMessage, reason: String)
        case failed(MQTTError, service: Duration?, cause: LossCause)
    }

    var deliver: (Occurrence) -> Void = { _ in }
    /// What each connection begins with.
    var greeting: () -> [MQTTMessage] = { [] }
    /// When the broker last acknowledged something, connected, or began to owe us something.
    private(set) var lastProgress = Instant.now
    /// Topics that the broker does not let the bridge write.
    private(set) var forbiddenTopics: Set<String> = []
    private let link: Link
    private var settings: RelaySettings
    private var outbox: Outbox
    private var refusals = RefusalReport()
    /// The pause after a refusal that may pass.
    private var pause: Backoff
    private var pauseEnd: Instant?
    private var isRecovering = false
    /// The order of the publication that was refused last.
    private var lastRefused = 0
    private var suspect: Suspect?
    /// How many publications are sent one at a time from now on.
    private var careful = 0
    /// The broker has acknowledged something on this connection.
    private var hasAcknowledged = false

    /// A publication at which the broker closes the connection again and again.
    private struct Suspect {
        let order: Int
        /// Closes with it as the first unacknowledged one.
        var closes = 1
        /// Closes with nothing else in flight, while the greeting had been acknowledged.
        var closesAlone = 0
    }

    /// - Parameter predecessor: the output of the settings before a reload; what it has not delivered is delivered here.
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
    /// The broker acknowledges nothing, and the configuration does not say that this will do.
    var takesNothingSafely: Bool { link.isReady && link.maximumQoS == 0 && !settings.acceptsLoss }
    /// Results can be delivered now.
    var isUsable: Bool { link.isReady && !takesNothingSafely && !outbox.isHeldBack }
    /// Waits after a refusal, before it sends again.
    var isPaused: Bool { outbox.isHeldBack }
    /// When the pause after a refusal ends: at once for what another broker refused before a reload.
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
        // The broker owed nothing during the pause.
        lastProgress = now
        outbox.sendAgain()
    }

    /// The broker owes acknowledgements for too long.
    func reset() {
        link.reset(.timedOut(address: settings.output.address, waitingFor: "acknowledgement"))
    }

    // MARK: Publishing

    /// Publications that the broker has not acknowledged.
    var owed: Int { outbox.count }
    var inFlight: Int { outbox.inFlightCount }

    /// Results: kept until the broker has them.
    func take(_ messages: [MQTTMessage]) {
        guard !messages.isEmpty else { return }
        if outbox.isEmpty { lastProgress = .now }
        outbox.append(messages)
        handOver()
    }

    /// Hands over what libmosquitto's window takes, and writes it.
    func write() {
        handOver()
        link.write()
    }

    /// Gives libmosquitto what its window takes, so that its lists stay short and message ids unique.
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

    /// Publishes now and keeps nothing.
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

    /// Settings for which the connection can stay. The topics may be others now.
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
            // The owner subscribes first: what the broker has retained is to be seen before the greeting replaces it.
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
        // MQTT 5.0, table 3-8. "Quota exceeded" is the broker's word for "later"; the two that say nothing get ten minutes.
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
            // What was sent before it got through: the broker takes some, and longer pauses would not help.
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

    /// A publication that the broker will not take goes to the dead letter; a dead letter that it will not take is counted.
    private func giveUp(_ message: MQTTMessage, _ reason: String) {
        if let suppressed = refusals.note(.now) {
            deliver(.notice(.publicationRefused(topic: message.topic, reason: reason, suppressed: suppressed)))
        }
        guard let deadLetterTopic = settings.deadLetterTopic, message.topic != deadLetterTopic else { return }
        deliver(.undeliverable(message, reason: reason))
    }

    /// A broker may close the connection at a publication that it does not want: MQTT 3.1.1 has no other word for a topic that is
    /// forbidden or a message that is too large. What was in flight first is tried alone.
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

    /// A broker that closes before it has acknowledged anything of a full window would never get on. So many publications are sent
    /// one at a time after that.
    private static var carefulCount: Int { 200 }
}
