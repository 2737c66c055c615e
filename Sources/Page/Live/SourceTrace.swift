// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// What a source sent last: how often, on which topics, and the messages themselves.
struct SourceTrace: Sendable {
    /// Messages that are kept of a source.
    static let messageLimit = 20
    private static let topicLimit = 8
    private static let seconds: Int64 = 10
    private static let windowCount = 30

    /// When the newest one came.
    private(set) var last: Timestamp?
    /// The newest last.
    private(set) var messages: [RawMessage] = []
    /// Bytes of their payloads.
    private(set) var size = 0
    /// The topics that were seen, the first ones.
    private(set) var topics: [String] = []
    /// True where there were more.
    private(set) var hasMoreTopics = false
    private var first: Timestamp?
    private var windows: [(number: Int64, count: Int)] = []

    /// Takes in a message.
    ///
    /// - Parameter limit: bytes of payload that are kept.
    mutating func note(_ message: RawMessage, limit: Int) {
        first = first ?? message.received
        last = message.received
        if !topics.contains(message.topic) {
            if topics.count < Self.topicLimit { topics.append(message.topic) } else { hasMoreTopics = true }
        }
        let number = message.received.seconds / Self.seconds
        if windows.last?.number == number {
            windows[windows.count - 1].count += 1
        } else {
            windows.append((number, 1))
            if windows.count > Self.windowCount { windows.removeFirst() }
        }
        messages.append(message)
        size += message.payload.count
        while messages.count > Self.messageLimit || (size > limit && !messages.isEmpty) {
            size -= messages.removeFirst().payload.count
        }
    }

    /// Forgets the messages on some topics.
    ///
    /// - Returns: how many there were.
    mutating func forget(where isGone: (String) -> Bool) -> Int {
        let count = messages.count
        messages.removeAll { isGone($0.topic) }
        size = messages.reduce(0) { $0 + $1.payload.count }
        topics.removeAll(where: isGone)
        return count - messages.count
    }

    /// Messages a minute in the last five minutes; nil before half a minute is over.
    func rate(at now: Timestamp) -> ExactDecimal? {
        guard let first else { return nil }
        let span = min(300, (now - first).seconds)
        guard span >= 30 else { return nil }
        let oldest = now.seconds / Self.seconds - Int64(Self.windowCount)
        let count = windows.reduce(0) { $1.number > oldest ? $0 + $1.count : $0 }
        return ExactDecimal(Int64(count) * 600 / span, exponent: -1)
    }
}
