// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// How a relay asks on the output broker whether another process of the same bridge is running.
///
/// A retained "online" proves nothing, because it may come from a process that has ended; only a running process
/// answers a question that contains a freshly made random word.
public struct Presence: Sendable {
    /// The topic that a running bridge subscribes to.
    public var questionTopic: String
    /// The topic of its answer.
    public var answerTopic: String
    /// The payload of the question, with a word that the answer repeats.
    public var question: @Sendable (_ word: String) -> [UInt8]
    /// The name of the bridge that answers, for an operator; nil for an answer to another question, and for an answer
    /// of this process.
    public var answer: @Sendable (_ payload: [UInt8], _ word: String) -> String?
    /// How long to wait for an answer.
    public var timeout: Duration = .seconds(2)
    /// When a relay that found another process asks again; nil: the relay ends instead.
    public var retry: Duration?

    /// A presence.
    public init(
        questionTopic: String, answerTopic: String, retry: Duration?,
        question: @escaping @Sendable (_ word: String) -> [UInt8],
        answer: @escaping @Sendable (_ payload: [UInt8], _ word: String) -> String?
    ) {
        self.questionTopic = questionTopic
        self.answerTopic = answerTopic
        self.retry = retry
        self.question = question
        self.answer = answer
    }

    /// The name of the process that answers; nil: no answer. Runs on a thread of its own.
    func ask(_ broker: BrokerSettings, wakeup: Wakeup) -> BackgroundTask<Result<String?, MQTTError>> {
        let noThread = MQTTError.library(operation: "starting a thread to ask for another bridge", errno: EAGAIN)
        return BackgroundTask(wakeup: wakeup, orElse: .failure(noThread)) { ask(broker) }
    }

    private func ask(_ broker: BrokerSettings) -> Result<String?, MQTTError> {
        Result { () throws(MQTTError) in
            let client = OneShotClient(broker: broker, clientIDPrefix: "obis-bridge-presence")
            defer { client.close() }
            try client.connect()
            let word = String(UInt64.random(in: .min ... .max), radix: 36)
            do throws(MQTTError) {
                try client.subscribe([TopicFilter(answerTopic)])
                let reason = try client.publish(MQTTMessage(topic: questionTopic, payload: question(word)))
                // MQTT 5 reports when no client is subscribed to the question.
                if reason == Int32(MQTT_RC_NO_MATCHING_SUBSCRIBERS.rawValue) { return nil }
            } catch .subscriptionRefused, .publicationRefused {
                // With an access list that forbids the question, the relay cannot know.
                return nil
            }
            let deadline = ContinuousClock.now + timeout
            while let message = try client.receive(timeout: max(.zero, deadline - .now)) {
                if let name = answer(message.payload, word) { return name }
            }
            return nil
        }
    }
}

/// Whether this process may run for its bridge.
enum Standing {
    /// Not asked yet.
    case unknown(since: ContinuousClock.Instant)
    case asking(BackgroundTask<Result<String?, MQTTError>>)
    /// No other process answered.
    case alone
    /// Another process runs for the bridge.
    case heldBack(by: String, until: ContinuousClock.Instant)
}

extension RelayLoop {
    /// True when connections may be made.
    var mayConnect: Bool { if case .alone = standing { true } else { false } }

    /// When the standing must be checked again.
    var standingTime: Instant? {
        switch standing {
        case .unknown(let time), .heldBack(_, let time): time
        case .asking, .alone: nil
        }
    }

    /// Asks before the first connection, and again after a time while another process runs for the bridge.
    func checkStanding(_ now: Instant) {
        switch standing {
        case .unknown(let time), .heldBack(_, let time):
            guard now >= time else { return }
            guard let presence = settings.presence else {
                standing = .alone
                return
            }
            standing = .asking(presence.ask(settings.output, wakeup: wakeup))
        case .asking(let task):
            guard let result = task.result else { return }
            switch result {
            case .success(nil):
                standing = .alone
                askBackoff = Backoff(settings.reconnectDelay)
            case .success(let name?): holdBack(by: name)
            case .failure(let error):
                standing = .unknown(since: now + askBackoff.next())
                // A connection would meet the same error.
                guard !error.isConfigurationFault else {
                    fatal = error
                    return
                }
                handler.notice(.disconnected(side: .output, reason: error))
            }
        case .alone: break
        }
    }

    /// Another process runs for the bridge: this one stays away from both brokers.
    func holdBack(by name: String) {
        guard let retry = settings.presence?.retry else {
            fatal = .alreadyRunning(name: name)
            return
        }
        input.close()
        flushForgotten()
        // The other process runs for the bridge now; our last will must not contradict it.
        output.disconnect(within: .milliseconds(500))
        standing = .heldBack(by: name, until: .now + retry)
        handler.notice(.heldBack(by: name, retry: retry))
    }
}
