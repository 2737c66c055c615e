// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// Why a connection ended.
enum LossCause: Equatable {
    /// The broker closed it without a word.
    case closed
    /// The broker gave a reason (MQTT 5.0, 3.14.2.1).
    case reason(Int32)
    /// The connection was reset: by the network, or by a broker that closes with something of ours unread.
    case reset
    /// Something came that libmosquitto does not accept.
    case unreadable
    /// Anything else: a time-out, an attempt that failed.
    case other

    init(status: Int32, errno cause: Int32) {
        switch mosq_err_t(status) {
        case MOSQ_ERR_PROTOCOL, MOSQ_ERR_MALFORMED_UTF8, MOSQ_ERR_MALFORMED_PACKET, MOSQ_ERR_INVAL,
            MOSQ_ERR_NOT_SUPPORTED, MOSQ_ERR_DUPLICATE_PROPERTY:
            self = .unreadable
        case MOSQ_ERR_KEEPALIVE: self = .other
        default: self = cause == 0 || cause == EAGAIN ? .closed : .reset
        }
    }

    /// The broker may have ended it because of what the bridge sent.
    var isBrokersDoing: Bool {
        switch self {
        // An answer that libmosquitto refuses follows from what it answers.
        case .closed, .reason, .reset, .unreadable: true
        case .other: false
        }
    }
}

/// What is known of a link, for those that must not write to it.
struct LinkView {
    var broker: BrokerSettings
    var clientID: String
    var version: ProtocolVersion
    var isFallback: Bool
    var hasEverConnected: Bool
}

/// One connection to a broker over its whole life: attempts, version fall-back, diagnosis, service, loss.
///
/// It never blocks and never retries on its own: the owner calls `openIfDue`, polls `descriptor`, and is told through
/// `deliver`. All calls come from one thread; only name resolution and TCP connect run elsewhere, on a handle that nobody
/// else touches meanwhile.
final class Link {
    typealias Instant = ContinuousClock.Instant

    enum Occurrence {
        case connected(sessionPresent: Bool)
        /// The connection is closed; `service` is how long it had been up, nil when it never came up.
        case failed(MQTTError, service: Duration?, cause: LossCause)
        case published(id: Int32, reason: Int32)
        case subscribed(id: Int32, codes: [Int32])
        case message(MQTTMessage)
    }

    enum Phase {
        case closed
        case waiting(until: Instant)
        case connecting(BackgroundTask<Result<Void, MQTTError>>, deadline: Instant)
        /// CONNECT is on its way, CONNACK awaited.
        case greeting(deadline: Instant)
        /// The greeting failed in a way that the peer's nature may explain.
        /// `isMalformed`: something came that libmosquitto could not read.
        case probing(BackgroundTask<PeerProbe.Finding>, cause: MQTTError, isMalformed: Bool)
        case ready(since: Instant)
    }

    let plan: LinkPlan
    var deliver: (Occurrence) -> Void = { _ in }
    private(set) var hasEverConnected = false
    /// The version of the current or last attempt, never `automatic`.
    private(set) var version: ProtocolVersion
    private let wakeup: Wakeup
    private var phase = Phase.closed
    private var handle: MosquittoHandle?
    private var backoff: Backoff
    private var nextKeepAlive: Instant?
    /// How long the broker may hear nothing.
    private var keepAlive = Duration.seconds(60)
    /// When the broker is told that the bridge lives, while libmosquitto may not write.
    private var nextPing = Instant.now
    private var brokerReason: Int32?
    /// When and with which errno the connection ended, 0 for an end that only poll(2) reported.
    private var hangUp: (at: Instant, cause: Int32)?
    /// Something was read since the peer's TCP was last told.
    private var hasRead = false
    /// The owner is told of events: some that were read may still be unknown to it.
    private(set) var isDelivering = false
    /// Something was achieved on this connection.
    private var hasProgress = false
    /// Memory for what the callbacks saw.
    private var spareEvents: [HandleEvent] = []
    private var hasSpokenV5 = false
    /// The broker takes numbers for subscriptions; one that does not would close the connection.
    private var takesSubscriptionIDs = false
    /// The highest QoS that the broker takes.
    private(set) var maximumQoS = 2
    /// Attempts with MQTT 5 to which the broker said nothing at all.
    private var silentAttempts = 0
    /// True when 3.1.1 is tried only because the broker closed the connection without a word.
    private var isGuess = false

    init(plan: LinkPlan, wakeup: Wakeup) {
        self.plan = plan
        self.wakeup = wakeup
        version = plan.broker.protocolVersion == .v311 ? .v311 : .v5
        backoff = Backoff(plan.reconnectDelay)
    }

    private var address: String { plan.broker.address }

    var view: LinkView {
        LinkView(
            broker: plan.broker, clientID: plan.clientID, version: version, isFallback: isFallback,
            hasEverConnected: hasEverConnected)
    }

    var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    /// True from CONNECT on: the socket may be polled, read and written.
    var isOpen: Bool {
        switch phase {
        case .greeting, .ready: handle != nil
        default: false
        }
    }

    var isClosed: Bool {
        switch phase {
        case .closed, .waiting: true
        default: false
        }
    }

    /// True when the broker did not take the version tried first.
    var isFallback: Bool { version == .v311 && plan.broker.protocolVersion == .automatic }

    /// nil unless the link waits before the next attempt.
    var retryTime: Instant? {
        if case .waiting(let until) = phase { until } else { nil }
    }

    /// What to poll; negative, which poll(2) ignores, while there is nothing to poll.
    var descriptor: Int32 { isOpen && hangUp == nil ? handle?.descriptor ?? -1 : -1 }
    var wantsWrite: Bool { isOpen && hangUp == nil && handle?.wantsWrite == true }

    /// True while the peer is gone and what it sent before may not all be read.
    var isHungUp: Bool { isOpen && hangUp != nil }

    /// True when waiting for writability makes sense. During a TLS handshake the server's answer comes first, and the
    /// queued CONNECT would make every poll return at once.
    var awaitsWritability: Bool {
        if case .greeting = phase, plan.broker.tls != nil { return false }
        return wantsWrite
    }
}

// MARK: Opening and closing

extension Link {
    /// Starts an attempt when the link is closed and its pause is over.
    func openIfDue(_ now: Instant) {
        switch phase {
        case .closed: open(now)
        case .waiting(let until) where until <= now: open(now)
        default: break
        }
    }

    private func open(_ now: Instant) {
        do throws(MQTTError) {
            let handle = try plan.makeHandle(version: version)
            self.handle = handle
            brokerReason = nil
            hangUp = nil
            hasProgress = false
            let broker = plan.broker
            let (keepAlive, options) = (plan.keepAlive, plan.options(version))
            let noThread = MQTTError.library(operation: "starting a thread to connect to \(address)", errno: EAGAIN)
            let task = BackgroundTask(wakeup: wakeup, orElse: .failure(noThread)) {
                Result { () throws(MQTTError) in try handle.connect(to: broker, keepAlive: keepAlive, options: options)
                }
            }
            phase = .connecting(task, deadline: now + plan.connectTimeout)
        } catch {
            fail(error)
        }
    }

    /// Drops the connection without writing anything: withheld acknowledgements are never sent.
    func close() {
        handle = nil
        phase = .closed
    }

    /// Something was achieved on this connection, and it is worth making again soon.
    func noteProgress() { hasProgress = true }

    /// Drops the connection after a fault that the owner found.
    func reset(_ error: MQTTError) { fail(error) }

    /// Ends the connection with DISCONNECT. Never with acknowledgements withheld: they would be written before it.
    func disconnect(within limit: Duration) {
        guard isReady, !isHungUp, !isDelivering, let handle else { return close() }
        let deadline = Instant.now + limit
        handle.disconnect()
        // libmosquitto 2.1 never stops wanting to write DISCONNECT.
        while handle.write() == (MOSQ_ERR_SUCCESS.rawValue, 0), handle.isBlocked, Instant.now < deadline {
            _ = Poll.wait(handle.descriptor, for: POLLOUT, until: deadline)
        }
        // Unread input would make the kernel reset the connection, which may cost what was just written: it stays open until
        // the broker has closed its end.
        shutdown(handle.descriptor, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 4096)
        while Instant.now < deadline, Poll.wait(handle.descriptor, for: POLLIN, until: deadline),
            recv(handle.descriptor, &rest, rest.count, 0) > 0
        {}
        close()
    }

    private func fail(_ error: MQTTError, _ cause: LossCause = .other) {
        let now = Instant.now
        var service: Duration?
        if case .ready(let since) = phase { service = (hangUp?.at ?? now) - since }
        // One that got something done is worth trying soon, however short it was.
        if let service { backoff.served(hasProgress ? max(service, .seconds(2)) : service) }
        hasProgress = false
        handle = nil
        // The broker may only have been starting: a guess holds for one connection.
        if service != nil, isGuess { version = .v5 }
        isGuess = false
        // At once after a service of some length: a port that refuses tells a broker that ended from one that threw us out.
        let isWorthTrying = cause == .closed && service.map { $0 > .milliseconds(100) } ?? false
        phase = .waiting(until: now + (isWorthTrying ? backoff.skip() : backoff.next()))
        deliver(.failed(error, service: service, cause: cause))
    }
}

// MARK: Time

extension Link {
    /// Takes in results of the background and enforces deadlines.
    ///
    /// - Parameter isWithholding: nothing of what libmosquitto has queued may be written.
    func tick(_ now: Instant, isWithholding: Bool = false) {
        switch phase {
        case .connecting(let task, let deadline):
            switch task.result {
            case .success?: phase = .greeting(deadline: deadline)
            case .failure(.tlsFailed(let address, let reason))?:
                // The handshake begins in the connecting call; a quick peer can fail it there.
                guard let handle else { return fail(.tlsFailed(address: address, reason: reason)) }
                greetingFailed(handle, .tlsFailed(address: address, reason: reason))
            case .failure(let error)?: fail(error)
            case nil: if now > deadline { fail(.timedOut(address: address, waitingFor: "connection")) }
            }
        case .greeting(let deadline):
            if now > deadline { probe(.timedOut(address: address, waitingFor: "CONNACK")) }
        case .probing(let task, let cause, let isMalformed):
            if let finding = task.result { conclude(finding, cause, isMalformed: isMalformed) }
        case .ready:
            guard now >= nextKeepAlive ?? now, !isHungUp, let handle else { return }
            if isWithholding, handle.canPing {
                // libmosquitto would take its own silence for the broker's. Afterwards it gets time to read the broker's answers
                // before it judges again.
                nextKeepAlive = now + .seconds(2)
                guard now >= nextPing else { return }
                nextPing = now + keepAlive / 2
                let error = handle.ping()
                if error != 0 { hungUp(error) }
                return
            }
            nextKeepAlive = now + .milliseconds(500)
            let status = handle.keepAlive()
            takeEvents(handle)
            checkAlive(handle, status, errno: 0)
        case .closed, .waiting:
            break
        }
    }

    /// The connection ended before its CONNACK: a certificate explains it, or the peer is asked what it speaks.
    private func greetingFailed(_ handle: MosquittoHandle, _ error: MQTTError, isMalformed: Bool = false) {
        if let distrust = TLSComplaint.distrust(handle.complaint) {
            fail(.notTrusted(address: address, reason: distrust))
        } else if let reason = TLSComplaint.reason(handle.complaint) {
            probe(.tlsFailed(address: address, reason: reason))
        } else {
            probe(error, isMalformed: isMalformed)
        }
    }

    private func probe(_ cause: MQTTError, isMalformed: Bool = false) {
        handle = nil
        let broker = plan.broker
        phase = .probing(
            BackgroundTask(wakeup: wakeup, orElse: .unknown) { PeerProbe.ask(broker) }, cause: cause,
            isMalformed: isMalformed)
    }

    private func conclude(_ finding: PeerProbe.Finding, _ cause: MQTTError, isMalformed: Bool) {
        switch finding {
        case .speaksTLS: fail(.speaksTLS(address: address))
        case .speaksMQTT: fail(.speaksPlain(address: address))
        case .speaks311 where isMalformed && plan.broker.protocolVersion == .v5:
            // The refusal of a 3.1.1 broker has no properties, and libmosquitto 2.1 cannot read it.
            fail(.versionRefused(address: address, version: .v5))
        case .speaks311, .unknown:
            // Old brokers close the connection instead of refusing MQTT 5, and some say nothing. The next attempt tries the other
            // version.
            let mayBeVersion =
                switch cause {
                case .connectionLost: true
                case .timedOut: isSilentToV5()
                default: false
                }
            guard mayBeVersion, plan.broker.protocolVersion == .automatic else { return fail(cause) }
            if version == .v5 {
                guard !hasSpokenV5 else { return fail(cause) }
                version = .v311
                // A broker that is silent costs three time-outs: that it speaks 3.1.1 holds until the process ends.
                isGuess = silentAttempts == 0
                phase = .closed
            } else {
                version = .v5
                fail(cause)
            }
        }
    }
}

extension Link {
    /// True from the third attempt on that the broker answers with nothing.
    private func isSilentToV5() -> Bool {
        guard version == .v5, !hasSpokenV5 else { return false }
        silentAttempts += 1
        return silentAttempts >= 3
    }
}

// MARK: Traffic

extension Link {
    /// What one call of `read` takes at most. Messages that produce nothing could come faster than they are handled, and the
    /// other connection, deadlines and the end of the process would wait for ever.
    private static var readBudget: (packets: Int, time: Duration) { (1000, .milliseconds(20)) }

    /// Reads packet after packet while there are any and the owner wants more, as far as the budget of a turn goes.
    func read(while wanted: () -> Bool = { true }) {
        let end = Instant.now + Self.readBudget.time
        var packets = 0
        while isOpen, let handle, packets < Self.readBudget.packets, packets == 0 || Instant.now < end {
            packets += 1
            let (status, isDrained) = handle.read()
            let cause = errno
            let isNews = takeEvents(handle)
            guard checkAlive(handle, status, errno: cause) else { return }
            if isHungUp, !isNews, cause != 0 {
                // Nothing more can come, and nobody else would say so.
                checkAlive(handle, MOSQ_ERR_CONN_LOST.rawValue, errno: handle.takeSocketError())
                return
            }
            // Behind a packet there is often another: reading finds out as cheaply as asking. A TLS handshake whose answer finds
            // no reader any more counts as a success with another error, again and again.
            let isDone = !isNews && cause != 0 && (!isDrained || !Poll.wait(handle.descriptor, for: POLLIN, until: nil))
            if !wanted() || isDone { break }
        }
        hasRead = true
    }

    /// Tells the peer's TCP that all has come. After the writing that the reading led to: it costs a segment, and the writing
    /// may carry the word for nothing.
    func acknowledgeSegments() {
        guard hasRead else { return }
        hasRead = false
        if isOpen { handle?.acknowledgeSegments() }
    }

    /// Writes what is queued, as far as the connection takes it. One that has ended is hung up, not lost: its rest can be read.
    ///
    /// Nothing is written while events are being delivered: behind the one that is delivered there may be messages whose
    /// acknowledgements are queued. The owner's next turn writes.
    func write() {
        guard !isDelivering, wantsWrite, let handle else { return }
        let (status, error) = handle.write()
        takeEvents(handle)
        guard checkAlive(handle, status, errno: error), error != 0 else { return }
        hungUp(error)
    }

    /// poll(2) reported an error or a hang-up, which it does even when nobody asked: never ignore it. Nothing is written from
    /// now on. `read` ends the link, and tells a peer that closed the connection from a reset.
    func hungUp(_ cause: Int32 = 0) {
        if isOpen, hangUp == nil { hangUp = (.now, cause) }
    }

    func publish(_ message: MQTTMessage) -> (id: Int32, status: Int32) {
        handle?.publish(message) ?? (0, MOSQ_ERR_NO_CONN.rawValue)
    }

    /// - Parameter replay: whether retained messages come again when the session has the subscription already (MQTT 5).
    func subscribe(_ filter: TopicFilter, replay: Bool) throws(MQTTError) -> Int32 {
        guard let handle else { throw .connectionLost(address: address, reason: "not connected") }
        let options = version == .v5 && !replay ? Int32(MQTT_SUB_OPT_SEND_RETAIN_NEW.rawValue) : 0
        var filter = filter
        if !takesSubscriptionIDs { filter.subscriptionID = nil }
        return try handle.subscribe(filter, options: options)
    }

    func unsubscribe(_ filter: String) { handle?.unsubscribe(filter) }

    /// - Returns: false when nothing had happened.
    @discardableResult
    private func takeEvents(_ handle: MosquittoHandle) -> Bool {
        var events = spareEvents
        spareEvents = []
        handle.takeEvents(&events)
        // A callback of the owner may end up here again.
        let wasDelivering = isDelivering
        isDelivering = true
        defer {
            isDelivering = wasDelivering
            spareEvents = events
        }
        for event in events {
            // A failure ends the link in the midst of the events; messages after it will be sent again.
            guard self.handle === handle else { return true }
            switch event {
            case .connack(let greeting) where greeting.reason == 0:
                maximumQoS = version == .v5 ? greeting.maximumQoS : 2
                takesSubscriptionIDs = greeting.takesSubscriptionIDs && version == .v5
                keepAlive = .seconds(greeting.keepAlive ?? plan.keepAlive)
                phase = .ready(since: .now)
                nextKeepAlive = nil
                nextPing = .now + keepAlive / 2
                hasEverConnected = true
                if version == .v5 { hasSpokenV5 = true }
                // A TLS connection may be lost for a reason that only a complaint tells.
                if plan.broker.tls == nil { handle.ignoreComplaints() }
                deliver(.connected(sessionPresent: greeting.sessionPresent))
            case .connack(let greeting): refused(greeting.reason)
            case .disconnected(let reason): brokerReason = reason >= 128 ? reason : brokerReason
            case .published(let id, let reason): deliver(.published(id: id, reason: reason))
            case .subscribed(let id, let codes): deliver(.subscribed(id: id, codes: codes))
            case .message(let message): deliver(.message(message))
            }
        }
        return !events.isEmpty
    }

    private func refused(_ reason: Int32) {
        let broker = plan.broker
        if let error = MQTTError.refusal(reason: reason, broker: broker, clientID: plan.clientID, version: version) {
            fail(error)
        } else if broker.protocolVersion == .automatic, version == .v5 {
            version = .v311
            close()
        } else {
            fail(.versionRefused(address: address, version: version))
        }
    }

    /// False when the connection is gone, after telling the owner. A failed TLS handshake closes the socket without
    /// any callback, hence the look at the descriptor.
    @discardableResult
    private func checkAlive(_ handle: MosquittoHandle, _ status: Int32, errno cause: Int32) -> Bool {
        guard self.handle === handle else { return false }
        guard status != MOSQ_ERR_SUCCESS.rawValue || !handle.isConnected else { return true }
        let cause = hangUp.map { $0.cause == 0 ? cause : $0.cause } ?? cause
        if let reason = brokerReason {
            let isTakenOver = reason == Int32(MQTT_RC_SESSION_TAKEN_OVER.rawValue)
            fail(
                isTakenOver
                    ? .sessionTakenOver(clientID: plan.clientID)
                    : .connectionLost(address: address, reason: MQTTError.reasonText(reason)), .reason(reason))
            return false
        }
        let lost = MQTTError.connectionLost(
            address: address, reason: MQTTError.lossText(code: status, errno: cause, complaint: handle.complaint))
        if case .greeting = phase {
            let code = mosq_err_t(status)
            greetingFailed(handle, lost, isMalformed: code == MOSQ_ERR_MALFORMED_PACKET || code == MOSQ_ERR_PROTOCOL)
        } else {
            fail(lost, LossCause(status: status, errno: cause))
        }
        return false
    }
}
