// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// Why a connection ended.
enum LossCause: Equatable {
    /// The broker closed it without giving a reason.
    case closed
    /// The broker gave a reason (MQTT 5.0, 3.14.2.1).
    case reason(Int32)
    /// The connection was reset: by the network, or by a broker that closes before it has read all our data.
    case reset
    /// libmosquitto rejected a packet that was received.
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

    /// True when the broker may have ended it because of what the bridge sent.
    var isBrokersDoing: Bool {
        switch self {
        // A packet that libmosquitto rejects is an answer to a packet of ours.
        case .closed, .reason, .reset, .unreadable: true
        case .other: false
        }
    }
}

/// The state of a link for code that must not write to it.
struct LinkView {
    var broker: BrokerSettings
    var clientID: String
    var version: ProtocolVersion
    var isFallback: Bool
    var hasEverConnected: Bool
}

/// One connection to a broker over its whole life: attempts, version fallback, diagnosis, service, loss.
///
/// A link never blocks and never retries on its own: the owner calls `openIfDue`, polls `descriptor`, and receives
/// events through `deliver`. All calls come from one thread; only name resolution and TCP connect run on another
/// thread, on a handle that no other code uses meanwhile.
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
        /// CONNECT is queued or sent; the link waits for CONNACK.
        case greeting(deadline: Instant)
        /// The connection failed before CONNACK; the probe finds out what the port speaks.
        /// `isMalformed`: libmosquitto could not read a packet.
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
    /// The longest time without a packet to the broker.
    private var keepAlive = Duration.seconds(60)
    /// When the next PINGREQ is due while libmosquitto may not write.
    private var nextPing = Instant.now
    private var brokerReason: Int32?
    /// When the connection ended and with which errno; 0 when only poll(2) reported the end.
    private var hangUp: (at: Instant, cause: Int32)?
    /// True when something was read since the last `acknowledgeSegments`.
    private var hasRead = false
    /// True while the owner receives events: it may not know all events that were read.
    private(set) var isDelivering = false
    /// True when this connection made progress.
    private var hasProgress = false
    /// Reused memory for the events of the callbacks.
    private var spareEvents: [HandleEvent] = []
    private var hasSpokenV5 = false
    /// True when the broker supports subscription identifiers; a broker that does not would close the connection.
    private var takesSubscriptionIDs = false
    /// The highest QoS that the broker supports.
    private(set) var maximumQoS = 2
    /// Attempts with MQTT 5 that the broker did not answer at all.
    private var silentAttempts = 0
    /// True when 3.1.1 is tried only because the broker closed the connection without giving a reason.
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

    /// True when the broker refused MQTT 5 and the link fell back to 3.1.1.
    var isFallback: Bool { version == .v311 && plan.broker.protocolVersion == .automatic }

    /// nil unless the link waits before the next attempt.
    var retryTime: Instant? {
        if case .waiting(let until) = phase { until } else { nil }
    }

    /// The descriptor to poll; negative, which poll(2) ignores, while there is nothing to poll.
    var descriptor: Int32 { isOpen && hangUp == nil ? handle?.descriptor ?? -1 : -1 }
    var wantsWrite: Bool { isOpen && hangUp == nil && handle?.wantsWrite == true }

    /// True when the peer has closed the connection and data from before may still be unread.
    var isHungUp: Bool { isOpen && hangUp != nil }

    /// True when polling for writability makes sense. During a TLS handshake the server's answer comes first, and the
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

    /// Notes that this connection made progress, so that it is retried soon.
    func noteProgress() { hasProgress = true }

    /// Drops the connection after an error that the owner found.
    func reset(_ error: MQTTError) { fail(error) }

    /// Ends the connection with DISCONNECT. Never with acknowledgements withheld: they would be written before it.
    func disconnect(within limit: Duration) {
        guard isReady, !isHungUp, !isDelivering, let handle else { return close() }
        let deadline = Instant.now + limit
        handle.disconnect()
        // libmosquitto 2.1 reports for ever that it wants to write DISCONNECT.
        while handle.write() == (MOSQ_ERR_SUCCESS.rawValue, 0), handle.isBlocked, Instant.now < deadline {
            _ = Poll.wait(handle.descriptor, for: POLLOUT, until: deadline)
        }
        // Unread input would make the kernel reset the connection, which may lose what was just written: keep it open
        // until the broker has closed its end.
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
        // A connection that made progress is retried soon, however short it was.
        if let service { backoff.served(hasProgress ? max(service, .seconds(2)) : service) }
        hasProgress = false
        handle = nil
        // The broker may only have been starting: a guessed version is valid for one connection.
        if service != nil, isGuess { version = .v5 }
        isGuess = false
        // Retry at once after a connection of some length: a port that then refuses shows that the broker ended, and
        // did not drop us.
        let isWorthTrying = cause == .closed && service.map { $0 > .milliseconds(100) } ?? false
        phase = .waiting(until: now + (isWorthTrying ? backoff.skip() : backoff.next()))
        deliver(.failed(error, service: service, cause: cause))
    }
}

// MARK: Time

extension Link {
    /// Collects results of background tasks and enforces deadlines.
    ///
    /// - Parameter isWithholding: true when nothing that libmosquitto has queued may be written.
    func tick(_ now: Instant, isWithholding: Bool = false) {
        switch phase {
        case .connecting(let task, let deadline):
            switch task.result {
            case .success?: phase = .greeting(deadline: deadline)
            case .failure(.tlsFailed(let address, let reason))?:
                // The handshake begins in the connecting call; a quick peer can make it fail there.
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
                // libmosquitto would count its own silence as the broker's. Afterwards it gets time to read the
                // broker's answers before it judges again.
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

    /// The connection ended before its CONNACK: either a certificate error explains it, or the peer is probed.
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
            // A 3.1.1 broker refuses without properties, and libmosquitto 2.1 cannot read that.
            fail(.versionRefused(address: address, version: .v5))
        case .speaks311, .unknown:
            // Old brokers close the connection instead of refusing MQTT 5, and some do not answer. The next attempt
            // tries the other version.
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
                // With a silent broker, each try of MQTT 5 costs three time-outs: 3.1.1 stays until the process ends.
                isGuess = silentAttempts == 0
                phase = .closed
            } else {
                version = .v5
                fail(cause)
            }
        }
    }

    /// True from the third attempt on that the broker does not answer.
    private func isSilentToV5() -> Bool {
        guard version == .v5, !hasSpokenV5 else { return false }
        silentAttempts += 1
        return silentAttempts >= 3
    }
}

// MARK: Traffic

extension Link {
    /// The most that one call of `read` takes. Packets without events could arrive faster than they are handled, and
    /// the other connection, deadlines and shutdown would wait for ever.
    private static var readBudget: (packets: Int, time: Duration) { (1000, .milliseconds(20)) }

    /// Reads packets while there are any and the owner wants more, within the budget of one turn.
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
                // Nothing more can arrive, and no other call would report the end.
                checkAlive(handle, MOSQ_ERR_CONN_LOST.rawValue, errno: handle.takeSocketError())
                return
            }
            // Another packet often follows: reading finds out as cheaply as polling. A TLS handshake whose answer can
            // no longer be sent reports success with a different errno, again and again.
            let isDone = !isNews && cause != 0 && (!isDrained || !Poll.wait(handle.descriptor, for: POLLIN, until: nil))
            if !wanted() || isDone { break }
        }
        hasRead = true
    }

    /// Sends the TCP ACK now. Call it after writing: outgoing data may carry the ACK without a segment of its own.
    func acknowledgeSegments() {
        guard hasRead else { return }
        hasRead = false
        if isOpen { handle?.acknowledgeSegments() }
    }

    /// Writes what is queued, as far as the connection takes it. After a failed write the link is hung up, not lost:
    /// the rest of its input can still be read.
    ///
    /// Nothing is written while events are being delivered: later events may be messages whose acknowledgements are
    /// already queued. The owner's next turn writes.
    func write() {
        guard !isDelivering, wantsWrite, let handle else { return }
        let (status, error) = handle.write()
        takeEvents(handle)
        guard checkAlive(handle, status, errno: error), error != 0 else { return }
        hungUp(error)
    }

    /// Notes an error or a hang-up from poll(2), which reports both even when not asked: never ignore it. Nothing is
    /// written from now on. `read` ends the link, and distinguishes a closed connection from a reset one.
    func hungUp(_ cause: Int32 = 0) {
        if isOpen, hangUp == nil { hangUp = (.now, cause) }
    }

    func publish(_ message: MQTTMessage) -> (id: Int32, status: Int32) {
        handle?.publish(message) ?? (0, MOSQ_ERR_NO_CONN.rawValue)
    }

    /// - Parameter replay: whether the broker sends retained messages again for a subscription that the session already
    ///   has (MQTT 5).
    func subscribe(_ filter: TopicFilter, replay: Bool) throws(MQTTError) -> Int32 {
        guard let handle else { throw .connectionLost(address: address, reason: "not connected") }
        let options = version == .v5 && !replay ? Int32(MQTT_SUB_OPT_SEND_RETAIN_NEW.rawValue) : 0
        var filter = filter
        if !takesSubscriptionIDs { filter.subscriptionID = nil }
        return try handle.subscribe(filter, options: options)
    }

    func unsubscribe(_ filter: String) { handle?.unsubscribe(filter) }

    /// - Returns: false when there were no events.
    @discardableResult
    private func takeEvents(_ handle: MosquittoHandle) -> Bool {
        var events = spareEvents
        spareEvents = []
        handle.takeEvents(&events)
        // The owner's callback may call this function again.
        let wasDelivering = isDelivering
        isDelivering = true
        defer {
            isDelivering = wasDelivering
            spareEvents = events
        }
        for event in events {
            // A failure ends the link in the middle of the events; the broker sends the messages after it again.
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
                // A TLS connection may be lost for a reason that only an error line contains.
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

    /// False when the connection is gone; the owner has then been told. A failed TLS handshake closes the socket
    /// without any callback, so the descriptor is checked as well.
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
