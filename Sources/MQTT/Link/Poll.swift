// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// poll(2) for one descriptor; the relay's loop polls its three itself.
enum Poll {
    /// POLLRDHUP, which must be requested: the peer has closed its end. The header hides it without _GNU_SOURCE.
    static let peerClosed: Int32 = 0x2000
    /// All events with which poll(2) reports the end of a connection.
    static let ended = POLLHUP | POLLERR | peerClosed

    /// True when the event (or an error) occurs before the deadline; nil: checks without waiting.
    static func wait(_ descriptor: Int32, for event: Int32, until deadline: ContinuousClock.Instant?) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let timeout = deadline.map { milliseconds($0 - .now) } ?? 0
        return poll(&entry, 1, timeout) > 0
    }

    /// Milliseconds for poll(2), rounded up, so that a deadline has passed when poll returns; never negative, which
    /// would wait for ever.
    static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(
            clamping: min(seconds, 100_000) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
