// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The recent messages of one source, their topics and their rate.
struct SourceTrace: Sendable {
    /// Messages kept per source.
    static let messageLimit = 20
    private static let topicLimit = 8
    private static let seconds: Int64 = 10
    private static let windowCount = 30

    /// When the newest message came.
    private(set) var last: Timestamp?
    /// Newest last.
    private(set) var messages: [RawMessage] = []
    /// The payload bytes of `messages`.
    private(set) var size = 0
    /// The first topics seen.
    private(set) var topics: [String] = []
    /// True when more topics than `topics` were seen.
    private(set) var hasMoreTopics = false
    private var first: Timestamp?
    private var windows: [(number: Int64, count: Int)] = []

    /// Records a message.
    ///
    /// - Parameter limit: payload bytes to keep.
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
    /// - Returns: the number of messages dropped.
    mutating func forget(where isGone: (String) -> Bool) -> Int {
        let count = messages.count
        messages.removeAll { isGone($0.topic) }
        size = messages.reduce(0) { $0 + $1.payload.count }
        topics.removeAll(where: isGone)
        return count - messages.count
    }

    /// Messages per minute in the last five minutes; nil in the first half minute.
    func rate(at now: Timestamp) -> ExactDecimal? {
        guard let first else { return nil }
        let span = min(300, (now - first).seconds)
        guard span >= 30 else { return nil }
        let oldest = now.seconds / Self.seconds - Int64(Self.windowCount)
        let count = windows.reduce(0) { $1.number > oldest ? $0 + $1.count : $0 }
        return ExactDecimal(Int64(count) * 600 / span, exponent: -1)
    }
}
