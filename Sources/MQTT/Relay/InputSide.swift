// SPDX-License-Identifier: Apache-2.0
/// The connection that messages are read from, with the acknowledgements that are withheld on it.
///
/// libmosquitto queues the acknowledgement of a message when it reads the message, and any write sends everything that
/// is queued. Everything for the input broker therefore passes through `write()`, which refuses while a message is
/// unacknowledged, or read but not yet delivered. Meanwhile `Link` alone sends keep-alive packets to the broker.
final class InputSide {
    typealias Instant = ContinuousClock.Instant

    enum Occurrence {
        case connected(sessionPresent: Bool)
        /// A message to handle. `batch` already counts it.
        case message(MQTTMessage)
        case notice(RelayEvent)
        /// The connection is gone together with its withheld acknowledgements: the broker delivers those messages
        /// again.
        case failed(MQTTError, service: Duration?, cause: LossCause)
    }

    var deliver: (Occurrence) -> Void = { _ in }
    /// The subscriptions of an earlier process of this bridge: the broker's session may still hold these filters.
    var formerSubscriptions: [String] = []
    /// Messages that are taken and not yet acknowledged.
    private(set) var batch = InputBatch()
    private let link: Link
    private let dropCounterTopic: String?
    private let clientID: String
    /// True when the session is only to be emptied.
    private let isDrained: Bool
    /// When the connection was made, or the last message arrived; nil before.
    private(set) var lastArrival: Instant?
    private(set) var messageCount = 0
    /// The filters of the configuration in force.
    private var wanted: [TopicFilter]
    private var subscriptions = SubscriptionState()
    private var round: QuestionRound
    private var drops = DropWatch()
    private var copies = CopyWatch()
    /// True when the broker does not have the subscriptions yet. It stays set when a connection ends before they are
    /// sent.
    private var owesSubscriptions = false
    private var owesDropCounter = false

    /// - Parameters:
    ///   - predecessor: the input of the settings before a reload, nil at the start.
    ///   - former: the client id of a session that is only emptied: its messages are read, and its filters are
    ///     unsubscribed.
    init(
        settings: RelaySettings, after predecessor: InputSide? = nil, drains former: String? = nil, wakeup: Wakeup
    ) {
        let plan = LinkPlan(session: settings, clientID: former)
        link = Link(plan: plan, wakeup: wakeup)
        dropCounterTopic = former == nil ? settings.dropCounterTopic : nil
        clientID = plan.clientID
        isDrained = former != nil
        wanted = former == nil ? settings.subscriptions : []
        round = QuestionRound(former == nil ? settings.questions : [])
        if let predecessor, predecessor.clientID == clientID,
            predecessor.link.plan.broker.address == plan.broker.address
        {
            // The same session, which keeps its former filters until they are unsubscribed.
            formerSubscriptions = predecessor.wanted.map(\.filter)
        }
        link.deliver = { [unowned self] in occurred($0) }
    }

    // MARK: The connection

    var connection: LinkView { link.view }
    var isReady: Bool { link.isReady }
    var isClosed: Bool { link.isClosed }
    var isHungUp: Bool { link.isHungUp }
    var retryTime: Instant? { link.retryTime }
    var descriptor: Int32 { link.descriptor }

    func openIfDue(_ now: Instant) { link.openIfDue(now) }
    /// An output may take longer for a batch than the keep-alive interval: the input broker gets keep-alive packets all
    /// the same.
    func tick(_ now: Instant) { link.tick(now, isWithholding: !mayWrite) }
    func hungUp() { link.hungUp() }
    func acknowledgeSegments() { link.acknowledgeSegments() }

    /// Drops the connection and its withheld acknowledgements; nothing is written.
    func close() {
        link.close()
        forgetBatch()
    }

    /// Ends the connection with DISCONNECT, or drops it when an acknowledgement is withheld, which would be sent before
    /// DISCONNECT.
    func disconnect(within limit: Duration) {
        if mayWrite { link.disconnect(within: limit) } else { link.close() }
    }

    // MARK: Writing

    /// True when no acknowledgement is withheld and everything that was read is delivered.
    private var mayWrite: Bool { batch.isEmpty && !link.isDelivering }

    /// True when waiting for writability makes sense.
    var awaitsWritability: Bool { mayWrite && link.awaitsWritability }

    /// True while queued bytes have not been taken by the connection.
    var wantsWrite: Bool { link.wantsWrite }

    /// The only way to the input broker: writes what libmosquitto has queued, acknowledgements included.
    ///
    /// - Returns: false when writing is not allowed now; nothing was written.
    @discardableResult
    func write() -> Bool {
        guard mayWrite else { return false }
        link.write()
        return true
    }

    /// Acknowledges all messages that were taken: the output broker has their results.
    ///
    /// - Returns: when the first message of the batch arrived; nil when nothing was owed or the connection is gone.
    func acknowledge() -> Instant? {
        guard !batch.isEmpty, link.isReady else { return nil }
        let oldest = batch.oldest
        batch = InputBatch()
        write()
        link.noteProgress()
        return link.isHungUp ? nil : oldest
    }

    // MARK: Reading

    /// True while a subscription must be written first: reading would delay it by a batch.
    var mustWriteFirst: Bool { batch.isEmpty && !link.isHungUp && (owesSubscriptions || link.wantsWrite) }

    func read(while wanted: () -> Bool) { link.read(while: wanted) }

    /// True during one burst of reading: results of its first messages do not end it.
    var isFilling: Bool {
        get { batch.isFilling }
        set { batch.isFilling = newValue }
    }

    /// Notes that open groups were flushed because the oldest message had waited long enough.
    func wasFlushed(_ now: Instant) { batch.wasFlushed(now) }

    /// Forgets the withheld acknowledgements of a connection that is gone or given up.
    private func forgetBatch() {
        copies = CopyWatch()
        batch = InputBatch()
    }

    private func occurred(_ occurrence: Link.Occurrence) {
        switch occurrence {
        case .connected(let sessionPresent): connected(sessionPresent: sessionPresent)
        case .message(let message) where message.topic == dropCounterTopic:
            if let count = drops.note(message.payload, .now) { deliver(.notice(.brokerDropped(count: count))) }
        case .message(let message):
            batch.note(message)
            lastArrival = .now
            messageCount += 1
            if !copies.isCopy(message) { deliver(.message(message)) }
        case .subscribed(let id, let codes):
            if let event = subscriptions.answered(id, codes: codes, version: link.version) { deliver(.notice(event)) }
            if let filters = subscriptions.takeAccepted() { deliver(.notice(.subscribed(filters: filters))) }
        case .failed(let error, let service, let cause):
            forgetBatch()
            deliver(.failed(error, service: service, cause: cause))
        case .published: break
        }
    }

    // MARK: Subscriptions

    private func connected(sessionPresent: Bool) {
        deliver(.connected(sessionPresent: sessionPresent))
        round.begin()
        let isFirst = !subscriptions.areMade
        // A process that had subscribed left a session, unless it ended before that.
        lastArrival = .now
        if !sessionPresent, !isDrained, !isFirst || !formerSubscriptions.isEmpty {
            deliver(.notice(.sessionLost(clientID: clientID)))
        }
        guard isFirst || !sessionPresent || owesSubscriptions else { return }
        owesDropCounter = dropCounterTopic != nil
        if isFirst, sessionPresent { subscriptions.leave(formerSubscriptions) }
        owesSubscriptions = true
        // All sources are read elsewhere: no SUBACK will follow.
        if wanted.isEmpty, !isDrained { deliver(.notice(.subscribed(filters: []))) }
    }

    /// True when the session is empty: everything is acknowledged, its filters are unsubscribed, and no message arrived
    /// for a second.
    func isEmptied(_ now: Instant) -> Bool {
        guard link.isReady, batch.isEmpty, !owesSubscriptions, let lastArrival else { return false }
        return now - lastArrival > .seconds(1)
    }

    /// Changes the filters on the same connection after a reload.
    func change(to filters: [TopicFilter], asking questions: [Question]) {
        guard !isDrained else { return }
        if questions != round.questions { round.questions = questions }
        subscriptions.change(from: wanted, to: filters)
        wanted = filters
    }

    /// Sends due subscriptions and unsubscriptions once no acknowledgement is owed. Nothing is written to a broker that
    /// is gone: the next connection subscribes.
    func subscribeIfDue() {
        guard link.isReady, !link.isHungUp, mayWrite else { return }
        if owesSubscriptions {
            owesSubscriptions = false
            watchDrops()
            subscribe(to: wanted)
        } else if subscriptions.areMade, subscriptions.hasChanges {
            subscribe(to: subscriptions.takeAdded())
        }
    }

    /// QoS 0: a count of dropped messages is not worth a place in the session's queue. When the broker does not allow
    /// this subscription, dropped messages are not watched.
    private func watchDrops() {
        guard owesDropCounter, let topic = dropCounterTopic else { return }
        owesDropCounter = false
        _ = try? link.subscribe(TopicFilter(topic, qos: .atMostOnce), replay: true)
    }

    /// Subscribes to filters, and unsubscribes those that the session holds and the configuration no longer contains.
    private func subscribe(to filters: [TopicFilter]) {
        let kept = Set(wanted.map(\.filter))
        for filter in subscriptions.takeStale() where !kept.contains(filter) { link.unsubscribe(filter) }
        if !filters.isEmpty { subscriptions.begin() }
        for filter in filters {
            do throws(MQTTError) {
                subscriptions.asked(filter, id: try link.subscribe(filter, replay: false))
            } catch {
                deliver(.notice(.subscriptionRefused(filter: filter, reason: "\(error)")))
            }
        }
        write()
    }

    /// Publishes due questions, once all subscriptions are made and no acknowledgement is owed; QoS 0, so that they
    /// need no acknowledgement either.
    func askIfDue(_ now: Instant) {
        guard !round.questions.isEmpty, link.isReady, !link.isHungUp, mayWrite, !owesSubscriptions,
            subscriptions.areMade, !subscriptions.hasChanges
        else { return }
        let due = round.take(now)
        guard !due.isEmpty else { return }
        for question in due {
            _ = link.publish(MQTTMessage(topic: question.topic, payload: question.payload, qos: .atMostOnce))
        }
        write()
    }

    // MARK: MQTT 3.1.1's window

    /// When the broker counts as silent although a group is open and the batch fills the broker's window; nil while
    /// nothing is stuck.
    ///
    /// With MQTT 3.1.1 only the broker decides how many messages it sends unacknowledged, and mosquitto's default is
    /// 20. A telegram in 36 messages would never be complete.
    var reliefTime: Instant? {
        guard link.isReady, !link.isHungUp, link.version == .v311, batch.count >= Self.usualWindow else { return nil }
        return batch.newest.map { $0 + .milliseconds(50) }
    }

    /// Acknowledges messages of an open group, so that the broker sends the rest of it: a crash at that moment loses
    /// one telegram, which would otherwise be lost every time. MQTT 5 has no such limit.
    func relieve() { _ = acknowledge() }

    /// `max_inflight_messages` in mosquitto's default configuration.
    private static var usualWindow: Int { 20 }
}
