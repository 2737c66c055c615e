// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// A client for one task: random id, clean session, no reconnect.
///
/// Its calls block the calling thread, which must be the same for all of them. It only runs during calls: after more
/// than the keep-alive interval without a call, the broker ends the connection.
public final class OneShotClient {
    private typealias Instant = ContinuousClock.Instant

    private let link: Link
    private let wakeup = Wakeup()
    private let broker: BrokerSettings
    private var failure: MQTTError?
    private var received: [MQTTMessage] = []
    private var firstUnread = 0
    private var publications: [Int32: Int32] = [:]
    private var subscriptions: [Int32: [Int32]] = [:]

    /// A client that is not connected yet; the id is the prefix and a random number.
    public convenience init(
        broker: BrokerSettings, clientIDPrefix: String = "obis-bridge", will: MQTTMessage? = nil
    ) {
        let suffix = String(UInt32.random(in: .min ... .max), radix: 36)
        self.init(
            plan: LinkPlan(broker: broker, clientID: "\(clientIDPrefix)-\(suffix)", sessionExpiry: nil, will: will))
    }

    init(plan: LinkPlan) {
        broker = plan.broker
        link = Link(plan: plan, wakeup: wakeup)
        link.deliver = { [unowned self] in occurred($0) }
    }

    /// The MQTT version in use, after `connect`.
    public var version: ProtocolVersion { link.version }

    /// Connects with MQTT 5 or, when the broker refuses that, with 3.1.1.
    public func connect(timeout: Duration = .seconds(10)) throws(MQTTError) {
        failure = nil
        let deadline = Instant.now + timeout
        guard try wait(until: deadline, { link.isReady }) else {
            link.close()
            throw .timedOut(address: broker.address, waitingFor: "connection")
        }
    }

    /// Subscribes and waits for the broker's answer to each filter.
    ///
    /// - Throws: `subscriptionRefused` for the first refused filter.
    public func subscribe(_ filters: [TopicFilter], timeout: Duration = .seconds(10)) throws(MQTTError) {
        let deadline = Instant.now + timeout
        for filter in filters {
            let id = try link.subscribe(filter, replay: true)
            guard try wait(until: deadline, { subscriptions[id] != nil }) else {
                throw .timedOut(address: broker.address, waitingFor: "SUBACK")
            }
            if let code = subscriptions.removeValue(forKey: id)?.first(where: { $0 >= 128 }) {
                throw .subscriptionRefused(
                    filter: filter.filter,
                    reason: code == 128 ? "the broker does not allow it" : MQTTError.reasonText(code))
            }
        }
    }

    /// Publishes and waits until the message is acknowledged, or written when it is QoS 0.
    ///
    /// - Returns: the broker's reason code, below 128 (MQTT 5.0, 3.4.2.1); 0 with MQTT 3.1.1.
    @discardableResult
    public func publish(_ message: MQTTMessage, timeout: Duration = .seconds(10)) throws(MQTTError) -> Int32 {
        let (id, status) = link.publish(message)
        guard status == MOSQ_ERR_SUCCESS.rawValue else {
            throw .publicationRefused(topic: message.topic, reason: MQTTError.text(code: status, errno: errno))
        }
        publications[id] = -1
        guard try wait(until: Instant.now + timeout, { (publications[id] ?? 0) >= 0 }) else {
            throw .timedOut(address: broker.address, waitingFor: "acknowledgement")
        }
        let reason = publications.removeValue(forKey: id) ?? 0
        guard reason < 128 else {
            throw .publicationRefused(topic: message.topic, reason: MQTTError.reasonText(reason))
        }
        return reason
    }

    /// The next message of the subscriptions; nil when none arrived in time.
    public func receive(timeout: Duration) throws(MQTTError) -> MQTTMessage? {
        guard try wait(until: Instant.now + timeout, { firstUnread < received.count }) else { return nil }
        defer {
            firstUnread += 1
            if firstUnread == received.count {
                received.removeAll(keepingCapacity: true)
                firstUnread = 0
            }
        }
        return received[firstUnread]
    }

    /// Disconnects; the broker does not publish the last will.
    public func close() { link.disconnect(within: .seconds(1)) }

    /// Runs the connection until the condition holds (true) or time is up (false).
    private func wait(until deadline: Instant, _ isDone: () -> Bool) throws(MQTTError) -> Bool {
        while !isDone() {
            if let failure { throw failure }
            let now = Instant.now
            guard now < deadline else { return false }
            // Only retries an attempt that the link gave up in favour of another version.
            link.openIfDue(now)
            link.write()
            turn(until: min(deadline, now + .milliseconds(200)))
        }
        return true
    }

    private func turn(until deadline: Instant) {
        var entries = [
            pollfd(fd: link.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        if link.awaitsWritability { entries[0].events |= Int16(POLLOUT) }
        // poll(2) reports nothing more for a peer that is gone.
        guard poll(&entries, 2, link.isHungUp ? 0 : Poll.milliseconds(deadline - .now)) >= 0 else { return }
        if entries[1].revents != 0 { wakeup.clear() }
        link.tick(.now)
        let events = Int32(entries[0].revents)
        if events & Poll.ended != 0 { link.hungUp() }
        if events & POLLIN != 0 || link.isHungUp { link.read() }
        link.write()
    }

    private func occurred(_ occurrence: Link.Occurrence) {
        switch occurrence {
        case .connected: break
        case .failed(let error, _, _): failure = error
        case .published(let id, let reason): if publications[id] != nil { publications[id] = reason }
        case .subscribed(let id, let codes): subscriptions[id] = codes
        case .message(let message): received.append(message)
        }
    }
}
