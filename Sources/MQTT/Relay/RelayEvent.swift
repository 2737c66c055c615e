// SPDX-License-Identifier: Apache-2.0
/// An event of the relay's connections, for the handler's log.
public enum RelayEvent: Sendable, Equatable {
    /// A connection is up.
    case connected(side: RelaySide, version: ProtocolVersion, sessionPresent: Bool)
    /// A connection ended or could not be made; the relay tries again.
    case disconnected(side: RelaySide, reason: MQTTError)
    /// The broker refused what it had accepted before; the relay tries again.
    case refused(side: RelaySide, reason: MQTTError)
    /// The broker does not support MQTT 5; the connection uses 3.1.1.
    case fellBackTo311(side: RelaySide, address: String)
    /// The broker accepted these subscriptions.
    case subscribed(filters: [TopicFilter])
    /// The broker refused a subscription; the others stay.
    case subscriptionRefused(filter: TopicFilter, reason: String)
    /// The input broker forgot the session: messages from the interruption are missed.
    case sessionLost(clientID: String)
    /// The output broker lost the retained messages; the handler publishes them again.
    case retainedLost
    /// The number of messages that the input broker dropped, of this client or of others.
    case brokerDropped(count: Int64)
    /// The output broker refused a publication, which is given up; `suppressed` more were not reported since the last
    /// event.
    case publicationRefused(topic: String, reason: String, suppressed: Int)
    /// The output broker acknowledged nothing for too long; unacknowledged input messages will be delivered again.
    case acknowledgementsOverdue(unacknowledged: Int)
    /// A group has more messages than the input broker sends unacknowledged; they were acknowledged before the group
    /// was complete.
    case windowTooSmall(unacknowledged: Int)
    /// The output broker refuses a publication for now: nothing is published during a pause, then everything from it on
    /// is published again.
    case outputPaused(topic: String, reason: String, length: Duration)
    /// The output broker accepts publications again.
    case outputResumed
    /// The output broker supports only QoS 0, which it never acknowledges.
    case acknowledgesNothing(address: String)
    /// The broker repeatedly closes a connection soon after it was made, without giving a reason.
    case closedAgainAndAgain(side: RelaySide, clientID: String, service: Duration)
    /// Another process runs for this bridge, and this one waits.
    case heldBack(by: String, retry: Duration)
    /// The number of commands that arrived faster than the limit and were ignored.
    case commandsIgnored(count: Int)
    /// A message that libmosquitto rejects was acknowledged after the handler had seen it.
    case unreadableTaken(topic: [UInt8])
    /// The session was ended with all messages in it, because an unreadable one blocked the others.
    case queueGivenUp(clientID: String)
    /// The broker changes topics: a message published on `sent` came back on `received`.
    case topicsAltered(sent: String, received: String)
    /// The broker sends retained messages for exact topics only: `count` of them arrived after a subscription by name.
    case retainedByNameOnly(count: Int)
    /// The broker lacks retained messages that an earlier process of the bridge had published.
    case retainedMissing(topics: [String])
    /// The messages in the session of an earlier version are handled first.
    case drainingSession(clientID: String)
    /// That session is empty, and was ended.
    case sessionDrained(clientID: String, count: Int)
    /// The baseline was not read back in full.
    case baselineIncomplete(reason: String)
    /// The shutdown ended with unacknowledged outputs; their inputs will be delivered again at the next start.
    case shutdownIncomplete(unacknowledged: Int)

    /// True when an operator should check.
    public var isProblem: Bool {
        switch self {
        case .connected, .subscribed, .fellBackTo311, .retainedLost, .outputResumed, .retainedByNameOnly,
            .drainingSession,
            .sessionDrained:
            false
        default: true
        }
    }
}

extension RelayEvent: CustomStringConvertible {
    /// One line for an operator.
    public var description: String {
        switch self {
        case .connected(let side, let version, let sessionPresent):
            "\(side.rawValue) connected with \(version)\(sessionPresent ? ", session resumed" : "")"
        case .disconnected(let side, let reason): "\(side.rawValue): \(reason); trying again"
        case .refused(let side, let reason): "\(side.rawValue): \(reason); trying again"
        case .fellBackTo311(let side, let address): "\(side.rawValue): \(address) refuses MQTT 5, using 3.1.1"
        case .subscribed(let filters) where filters.isEmpty: "no source is read from this broker"
        case .subscribed(let filters): "subscribed to \(filters.map(\.filter).joined(separator: ", "))"
        case .subscriptionRefused(let filter, let reason):
            "\(MQTTError.subscriptionRefused(filter: filter.filter, reason: reason))"
        case .sessionLost(let clientID):
            "the input broker forgot the session \"\(clientID)\": messages of the interruption are missed"
        case .retainedLost: "the output broker forgot the retained messages: publishing them again"
        case .brokerDropped(let count):
            "the input broker dropped \(count) messages: set max_queued_messages 1000000 in mosquitto.conf"
        case .publicationRefused(let topic, let reason, let suppressed):
            "\(MQTTError.publicationRefused(topic: topic, reason: reason))"
                + (suppressed == 0 ? "" : " (and \(suppressed) more)")
        case .acknowledgementsOverdue(let count):
            "the output broker acknowledges nothing: reconnecting, \(count) input messages will come again"
        case .windowTooSmall(let count):
            "the input broker sends no more than \(count) messages ahead with MQTT 3.1.1, fewer than one telegram has: "
                + "a crash may lose that telegram; set max_inflight_messages 200 in the broker, or use MQTT 5"
        case .outputPaused(let topic, let reason, let length):
            "the output broker refuses \(topic) for now (\(reason)): nothing is lost, trying again in "
                + "\(max(1, length.components.seconds)) s"
        case .outputResumed: "the output broker takes publications again"
        case .acknowledgesNothing(let address):
            "\(address) takes QoS 0 only, so nothing is acknowledged and nothing is read: write qos: 0 in output_broker to "
                + "accept that a crash or a broker's restart loses messages"
        case .closedAgainAndAgain(let side, let clientID, let service):
            "\(side.rawValue): the broker closes the connection without a reason, again and again, "
                + "\(service.components.seconds) s after it was made: look into its log for a limit or an access list, and for "
                + "another client with the id \"\(clientID)\""
        case .heldBack(let name, let retry):
            "\(name) speaks for this bridge: waiting, and asking again in \(retry.components.seconds / 60) min"
        case .unreadableTaken(let topic):
            "a message on a topic or with a property that is not valid in MQTT is acknowledged unhandled: "
                + String(decoding: topic.prefix(200).map { (32...126).contains($0) ? $0 : 63 }, as: UTF8.self)
        case .queueGivenUp(let clientID):
            "something unreadable in the session \"\(clientID)\" let nothing through: the session was ended, and what waited in it is "
                + "lost"
        case .topicsAltered(let sent, let received):
            "the output broker changes topics: \(sent) came back as \(received). Consumers do not find topics with a dot, such as "
                + "obis/1-0:1.8.0; give the profile's topics other names (docs/brokers.md)"
        case .retainedByNameOnly(let count):
            "the output broker sends retained messages for exact topics only: \(count) were read back by name. Consumers that "
                + "subscribe with + or # get no retained messages from it"
        case .retainedMissing(let topics):
            "\(topics.count) retained messages of the last run did not come back, \(topics.prefix(2).joined(separator: ", ")) "
                + "among them: the next values of these meters' counters are accepted unchecked"
        case .drainingSession(let clientID): "reading what waits in the former session \"\(clientID)\""
        case .sessionDrained(let clientID, let count):
            "\(count) messages of the former session \"\(clientID)\" are handled, the session is ended"
        case .commandsIgnored(let count):
            "\(count) commands came faster than ten a second, or while the output broker was behind, and were ignored"
        case .baselineIncomplete(let reason): "own retained messages not read back in full: \(reason)"
        case .shutdownIncomplete(let count):
            "stopped before the output broker acknowledged: \(count) input messages will come again"
        }
    }
}
