// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// A connection whose packets are read as bytes, for packets that libmosquitto refuses to read.
///
/// libmosquitto opens it, with login, TLS and CONNECT, and reads nothing after that: one TLS record may contain several
/// packets, CONNACK first, and libmosquitto would take them all. Each call blocks for at most five seconds.
final class RawConnection {
    struct Packet {
        var type: UInt8
        var flags: UInt8
        var body: [UInt8]
    }

    private typealias Instant = ContinuousClock.Instant

    private let handle: MosquittoHandle
    /// nil: plain TCP.
    private let tls: TLSStream?

    /// Connects and sends CONNECT; nil when that fails, or when the decrypted bytes of TLS cannot be reached.
    init?(_ plan: LinkPlan, version: ProtocolVersion) {
        do throws(MQTTError) {
            handle = try plan.makeHandle(version: version)
            try handle.connect(to: plan.broker, keepAlive: plan.keepAlive, options: plan.options(version))
        } catch {
            return nil
        }
        tls = handle.tls.flatMap(TLSStream.init)
        if plan.broker.tls != nil, tls == nil { return nil }
        let deadline = Instant.now + plan.connectTimeout
        // Before CONNECT is sent, the broker only sends its part of the handshake. Meanwhile libmosquitto 2.0 does not
        // want to write; 2.1 wants to write CONNECT all the time, and the handshake needs both.
        var isGreeted = false
        while handle.isConnected, !isGreeted {
            if handle.wantsWrite {
                guard handle.write().status == MOSQ_ERR_SUCCESS.rawValue else { return nil }
                isGreeted = !handle.wantsWrite
                if isGreeted || tls?.isEstablished != false { continue }
                guard Poll.wait(handle.descriptor, for: POLLIN, until: deadline), Instant.now < deadline,
                    handle.read().status == MOSQ_ERR_SUCCESS.rawValue
                else { return nil }
            } else if tls?.isEstablished == true {
                isGreeted = true
            } else {
                guard Poll.wait(handle.descriptor, for: POLLIN, until: deadline), Instant.now < deadline,
                    handle.read().status == MOSQ_ERR_SUCCESS.rawValue
                else { return nil }
            }
        }
        guard handle.isConnected else { return nil }
    }

    /// Sends a few bytes, for which the socket always has room.
    func send(_ bytes: [UInt8]) {
        if let tls { return tls.write(bytes) }
        _ = Glibc.send(handle.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends DISCONNECT and waits until the peer closes: it has then read everything sent before.
    func end() {
        send([0xE0, 0])
        shutdown(handle.descriptor, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 4096)
        let deadline = Instant.now + .seconds(5)
        while Instant.now < deadline, Poll.wait(handle.descriptor, for: POLLIN, until: deadline),
            recv(handle.descriptor, &rest, rest.count, 0) > 0
        {}
    }

    /// The next packet; nil at the end, after a time-out, and for a packet beyond the limit.
    func readPacket(limit: Int) -> Packet? {
        guard let first = read(1)?.first else { return nil }
        var length = 0
        for shift in stride(from: 0, through: 21, by: 7) {
            guard let byte = read(1)?.first else { return nil }
            length |= Int(byte & 127) << shift
            if byte < 128 { break }
        }
        guard length <= limit, let body = read(length) else { return nil }
        return Packet(type: first & 0xF0, flags: first & 0x0F, body: body)
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        let deadline = Instant.now + .seconds(5)
        while filled < count {
            let taken = bytes.withUnsafeMutableBytes { take(UnsafeMutableRawBufferPointer(rebasing: $0[filled...])) }
            guard let taken else { return nil }
            filled += taken
            if taken == 0, Instant.now >= deadline || !Poll.wait(handle.descriptor, for: POLLIN, until: deadline) {
                return nil
            }
        }
        return bytes
    }

    /// The number of bytes read, 0 when none are available yet; nil at the end.
    private func take(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        if let tls { return tls.read(buffer) }
        let count = recv(handle.descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return 0 }
        return count > 0 ? count : nil
    }
}
