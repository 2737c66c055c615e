// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTT

/// Reads a stream of bytes and splits it into messages: most meters pause between two telegrams; where a meter does
/// not, the stream is cut after a while and the adapter joins the pieces.
struct StreamGathering {
    /// Why the reading ended.
    enum End: Equatable {
        /// `ending` was signalled.
        case ended
        /// The other side closed the stream.
        case closed
        case failed(Int32)
    }

    /// Maximum size of a message in bytes.
    static let limit = 8192
    /// The pause on the line that ends a message, in milliseconds: at 300 Bd a byte takes 33 ms.
    static let pause: Int32 = 50
    /// The longest time before a message is handed over.
    static let patience = Duration.seconds(1)
    /// Milliseconds to wait after a full message. The fastest meter sends 12 kB/s; a sender that floods is slowed down
    /// to 500 kB/s, and the rest waits in the kernel.
    static let rest: Int32 = 16

    let descriptor: Int32
    let ending: Wakeup

    /// Reads until the end.
    ///
    /// - Parameters:
    ///   - filter: modifies the received bytes.
    ///   - deliver: receives each message, and when its first byte arrived.
    func read(filter: (inout [UInt8]) -> Void = { _ in }, deliver: ([UInt8], ContinuousClock.Instant) -> Void) -> End {
        var message: [UInt8] = []
        var began = ContinuousClock.now
        var buffer = [UInt8](repeating: 0, count: Self.limit)
        func handOver() {
            if !message.isEmpty { deliver(message, began) }
            message = []
        }
        while true {
            var entries = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ending.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&entries, 2, message.isEmpty ? -1 : Self.pause)
            if ready < 0, errno != EINTR { return .failed(errno) }
            if entries[1].revents != 0 {
                handOver()
                return .ended
            }
            if ready == 0 { handOver() }
            guard ready > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, [EAGAIN, EWOULDBLOCK, EINTR].contains(errno), entries[0].revents & Int16(POLLHUP) == 0 {
                continue
            }
            guard count > 0 else {
                let code = errno
                handOver()
                return count == 0 ? .closed : .failed(code)
            }
            var bytes = Array(buffer[..<count])
            filter(&bytes)
            if message.isEmpty { began = .now }
            message += bytes
            if message.count >= Self.limit {
                handOver()
                var end = pollfd(fd: ending.descriptor, events: Int16(POLLIN), revents: 0)
                poll(&end, 1, Self.rest)
            } else if ContinuousClock.now - began >= Self.patience {
                handOver()
            }
        }
    }
}
