// SPDX-License-Identifier: Apache-2.0
/// What a reader wants to be told from time to time on the input broker, or it falls silent: the keep-alive of Venus OS.
public struct Question: Sendable, Equatable {
    /// Where it is published.
    public var topic: String
    /// What; often nothing.
    public var payload: [UInt8]
    /// How often.
    public var every: Duration

    /// A question.
    public init(topic: String, payload: [UInt8] = [], every: Duration) {
        self.topic = topic
        self.payload = payload
        self.every = every
    }
}

/// When each question is due. All are due with a new connection, whose reader may have fallen silent meanwhile.
struct QuestionRound {
    typealias Instant = ContinuousClock.Instant

    var questions: [Question] {
        didSet { asked.removeAll() }
    }
    private var asked: [Int: Instant] = [:]

    init(_ questions: [Question]) { self.questions = questions }

    /// The connection is another one.
    mutating func begin() { asked.removeAll() }

    /// Those that are due; they count as asked.
    mutating func take(_ now: Instant) -> [Question] {
        questions.enumerated().compactMap { index, question in
            if let last = asked[index], now - last < question.every { return nil }
            asked[index] = now
            return question
        }
    }
}
