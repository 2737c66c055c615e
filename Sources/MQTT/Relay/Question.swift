// SPDX-License-Identifier: Apache-2.0
/// A message that a reader needs on the input broker from time to time to keep publishing: the keep-alive of Venus OS.
public struct Question: Sendable, Equatable {
    /// The topic to publish on.
    public var topic: String
    /// The payload; often empty.
    public var payload: [UInt8]
    /// The interval.
    public var every: Duration

    /// A question.
    public init(topic: String, payload: [UInt8] = [], every: Duration) {
        self.topic = topic
        self.payload = payload
        self.every = every
    }
}

/// When each question is due. All are due on a new connection, because the reader may have stopped publishing
/// meanwhile.
struct QuestionRound {
    typealias Instant = ContinuousClock.Instant

    var questions: [Question] {
        didSet { asked.removeAll() }
    }
    private var asked: [Int: Instant] = [:]

    init(_ questions: [Question]) { self.questions = questions }

    /// Makes all questions due, on a new connection.
    mutating func begin() { asked.removeAll() }

    /// The due questions; they then count as asked.
    mutating func take(_ now: Instant) -> [Question] {
        questions.enumerated().compactMap { index, question in
            if let last = asked[index], now - last < question.every { return nil }
            asked[index] = now
            return question
        }
    }
}
