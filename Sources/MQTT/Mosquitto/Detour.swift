// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// Lets libmosquitto write into memory, so that it never sees a failed write.
///
/// After such an error libmosquitto closes its descriptor and discards unread what the broker had sent before. A broker
/// that dies may have acknowledged those messages to the publisher without having saved them, and then they are lost.
/// So while libmosquitto writes, its descriptor refers to one end of a local socket pair, and this class sends what
/// arrives at the other end.
final class Detour {
    private let entrance: Int32
    private let exit: Int32
    /// Bytes that libmosquitto has written and the connection has not taken.
    private var unsent: ArraySlice<UInt8> = []
    /// errno of the failed send, 0 before it; after it nothing more is sent.
    private var failure: Int32 = 0

    /// - Returns: nil when no descriptor is left; the cause is in errno.
    init?() {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { return nil }
        (entrance, exit) = (pair[0], pair[1])
    }

    deinit {
        close(entrance)
        close(exit)
    }

    /// True when bytes wait for the connection to take them.
    var isBlocked: Bool { !unsent.isEmpty }

    /// `ConnectionWriter.write` through the detour.
    func write(
        to connection: Int32, socket: () -> Int32, wantsWrite: () -> Bool, _ write: () -> Int32
    ) -> (status: Int32, error: Int32) {
        send(to: connection)
        while !isBlocked, failure == 0, socket() >= 0, wantsWrite() {
            let number = socket()
            dup3(entrance, number, Int32(O_CLOEXEC))
            let status = write()
            let error = errno
            // libmosquitto closes its descriptor after DISCONNECT; the number may then belong to another file.
            if socket() == number { dup3(connection, number, Int32(O_CLOEXEC)) }
            let isProgress = takeWritten()
            send(to: connection)
            if status != MOSQ_ERR_SUCCESS.rawValue { return (status, error) }
            if !isProgress { break }
        }
        return (MOSQ_ERR_SUCCESS.rawValue, failure)
    }

    /// `ConnectionWriter.send` through the detour: TLS, too, writes to libmosquitto's descriptor.
    func send(_ bytes: [UInt8], to connection: Int32, socket: Int32, _ write: ([UInt8]) -> Void) -> Int32 {
        dup3(entrance, socket, Int32(O_CLOEXEC))
        write(bytes)
        dup3(connection, socket, Int32(O_CLOEXEC))
        takeWritten()
        send(to: connection)
        return failure
    }

    /// Takes all that libmosquitto has written; the limit is the buffer of the socket pair.
    ///
    /// - Returns: whether there was anything.
    @discardableResult
    private func takeWritten() -> Bool {
        let size = 65_536
        var bytes: [UInt8]
        repeat {
            bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = max(0, read(exit, buffer.baseAddress, size))
            }
            if isBlocked { unsent += bytes } else { unsent = bytes[...] }
        } while bytes.count == size
        return isBlocked
    }

    /// Sends everything in one piece: a hundred acknowledgements of four bytes are then one segment.
    private func send(to connection: Int32) {
        guard isBlocked else { return }
        let sent = unsent.withUnsafeBytes {
            Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if sent < 0, errno != EAGAIN { failure = errno }
        unsent = failure == 0 ? unsent.dropFirst(max(0, sent)) : []
    }
}
