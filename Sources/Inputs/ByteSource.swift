// SPDX-License-Identifier: Apache-2.0

/// A source of bytes: a UDP port, a TCP connection, a serial port. It is used once; each retry makes a new one.
package protocol ByteSource: Sendable {
    /// Opens the source and reports its events, until `end()` is called, which makes it return nil, or until it fails.
    /// It blocks: call it only on a thread of its own. It closes what it opened before it returns.
    func read(_ report: (ByteEvent) -> Void) -> InputFault?
    /// Ends `read`, before or while it runs. Any thread.
    func end()
}

/// An event of a source of bytes.
package enum ByteEvent: Sendable, Equatable {
    /// The source is open, with the sentence for the log: `listening to udp port 8266`.
    case opened(String)
    /// A message: a datagram, or the bytes of a stream between two pauses, with the time of its first byte.
    case message([UInt8], received: ContinuousClock.Instant)
    /// A problem that a person should fix.
    case remark(String)
}
