// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// How a relay asks on the output broker whether another process speaks for the same bridge.
///
/// A retained "online" proves nothing, for it may be of a process that is gone; only a live one answers a question with a word
/// that was made up a moment ago.
public struct Presence: Sendable {
    /// Where a live bridge listens.
    public var questionTopic: String
    /// Where it answers.
    public var answerTopic: String
    /// The question, with a word that the answer repeats.
    public var question: @Sendable (_ word: String) -> [UInt8]
    /// Who answers, in words for an operator; nil for an answer to something else, and for one of this process.
    public var answer: @Sendable (_ payload: [UInt8], _ word: String) -> String?
    /// How long an answer may take.
    public var timeout: Duration = .seconds(2)
    /// When a relay that found another one asks again; nil: it ends instead.
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

    /// Who answers; nil: nobody does. On a thread of its own.
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
                // MQTT 5 says so when nobody listens to the question.
                if reason == Int32(MQTT_RC_NO_MATCHING_SUBSCRIBERS.rawValue) { return nil }
            } catch .subscriptionRefused, .publicationRefused {
                // An access list that does not let the bridge ask does not let it know.
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

/// Whether this process may speak for its bridge.
enum Standing {
    /// Not asked yet.
    case unknown(since: ContinuousClock.Instant)
    case asking(BackgroundTask<Result<String?, MQTTError>>)
    /// No other process answered.
    case alone
    /// Another process speaks for the bridge.
    case heldBack(by: String, until: ContinuousClock.Instant)
}

extension RelayLoop {
    /// True when connections may be made.
    var mayConnect: Bool { if case .alone = standing { true } else { false } }

    /// When there is something to do about the standing.
    var standingTime: Instant? {
        switch standing {
        case .unknown(let time), .heldBack(_, let time): time
        case .asking, .alone: nil
        }
    }

    /// Asks before the first connection, and again after a time while another process speaks for the bridge.
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
                // The same that a connection would meet.
                guard !error.isConfigurationFault else {
                    fatal = error
                    return
                }
                handler.notice(.disconnected(side: .output, reason: error))
            }
        case .alone: break
        }
    }

    /// Another process speaks for the bridge: it is left alone.
    func holdBack(by name: String) {
        guard let retry = settings.presence?.retry else {
            fatal = .alreadyRunning(name: name)
            return
        }
        input.close()
        flushForgotten()
        // The other process speaks for the bridge now; our last will must not contradict it.
        output.disconnect(within: .milliseconds(500))
        standing = .heldBack(by: name, until: .now + retry)
        handler.notice(.heldBack(by: name, retry: retry))
    }
}
