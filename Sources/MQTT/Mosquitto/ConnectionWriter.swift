// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// Carries libmosquitto's writes to the socket.
final class ConnectionWriter {
    /// The connection; libmosquitto may reuse or close its own descriptor of it.
    let connection: Int32
    private let detour: Detour?
    /// Without a detour: the last write ended because the socket was full.
    private var isFull = false

    /// - Parameters:
    ///   - socket: libmosquitto's descriptor of the connection.
    ///   - outlivesErrors: keeps the connection readable after a failed write. It costs 0.6 µs for each of many
    ///     packets, 3 µs for a single one (docs/benchmarks.md).
    /// - Returns: nil when no descriptor is left; the cause is in errno.
    init?(socket: Int32, outlivesErrors: Bool) {
        detour = outlivesErrors ? Detour() : nil
        connection = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        if connection < 0 || (outlivesErrors && detour == nil) { return nil }
    }

    deinit { if connection >= 0 { close(connection) } }

    /// True when the connection had no room for everything queued.
    var isBlocked: Bool { detour?.isBlocked ?? isFull }

    /// Lets libmosquitto write, as far as the connection takes it.
    ///
    /// - Parameters:
    ///   - socket: libmosquitto's descriptor, negative when it has closed it.
    ///   - wantsWrite: whether libmosquitto has something to write.
    ///   - write: writes some of that.
    /// - Returns: libmosquitto's status with its errno, or success with the errno of a connection that has ended but
    ///   can still be read.
    func write(socket: () -> Int32, wantsWrite: () -> Bool, _ write: () -> Int32) -> (status: Int32, error: Int32) {
        if let detour { return detour.write(to: connection, socket: socket, wantsWrite: wantsWrite, write) }
        // A hundred publications then become a few segments, for us and for the broker.
        cork(true)
        defer { cork(false) }
        isFull = false
        guard socket() >= 0, wantsWrite() else { return (MOSQ_ERR_SUCCESS.rawValue, 0) }
        // One call writes all that is queued. libmosquitto 2.1 wants to write DISCONNECT for ever, so `wantsWrite` is
        // not a reason to call again.
        errno = 0
        let status = write()
        let error = errno
        if status != MOSQ_ERR_SUCCESS.rawValue { return (status, error) }
        isFull = error == EAGAIN
        return (MOSQ_ERR_SUCCESS.rawValue, 0)
    }

    /// True when bytes of our own can be sent: no packet of libmosquitto is half written.
    var takesOwnBytes: Bool { detour?.isBlocked == false }

    /// Sends bytes of our own, between two packets of libmosquitto.
    ///
    /// - Parameters:
    ///   - socket: libmosquitto's descriptor.
    ///   - write: writes them to that descriptor, through TLS where there is one.
    /// - Returns: errno of a connection that has ended, otherwise 0.
    func send(_ bytes: [UInt8], socket: Int32, _ write: ([UInt8]) -> Void) -> Int32 {
        guard let detour, socket >= 0 else { return 0 }
        return detour.send(bytes, to: connection, socket: socket, write)
    }

    private func cork(_ isHeld: Bool) {
        var on: Int32 = isHeld ? 1 : 0
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_CORK, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
