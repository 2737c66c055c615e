// SPDX-License-Identifier: Apache-2.0

/// Something that bytes come from: a UDP port, a TCP connection, a serial port. Used once: whoever tries again makes a new one.
package protocol ByteSource: Sendable {
    /// Opens it and reports what happens, until `end()`, which makes it return nil, or until it fails. It blocks: on a thread of
    /// its own only. What it opened is closed when it returns.
    func read(_ report: (ByteEvent) -> Void) -> InputFault?
    /// Ends `read`, before or while it runs. Any thread.
    func end()
}

/// What happens at a source of bytes.
package enum ByteEvent: Sendable, Equatable {
    /// It is open, with the sentence for the log: `listening to udp port 8266`.
    case opened(String)
    /// A message: a datagram, or what came on a stream between two pauses, with the time of its first byte.
    case message([UInt8], received: ContinuousClock.Instant)
    /// Something that a person should do about it.
    case remark(String)
}
