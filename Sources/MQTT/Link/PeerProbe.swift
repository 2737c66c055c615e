// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Finds out what libmosquitto does not report: which protocol a port speaks, after a connection failed before its
/// CONNACK, and why a port cannot be reached. Blocks: for a background task.
enum PeerProbe {
    enum Finding: Sendable {
        case speaksTLS
        /// A plain listener where TLS was expected.
        case speaksMQTT
        /// A plain listener that answers MQTT 3.1.1.
        case speaks311
        case unknown
    }

    /// A TLS 1.2 ClientHello with one cipher suite; every TLS server answers it, if only with an alert.
    private static let clientHello: [UInt8] =
        [0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3] + Array(repeating: 0x4d, count: 32) + [0, 0, 2, 0x00, 0x2f, 1, 0]
    /// An MQTT 3.1.1 CONNECT with a clean session and an empty client id.
    private static let greeting: [UInt8] = [0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 5, 0, 0]

    static func ask(_ broker: BrokerSettings) -> Finding {
        if broker.tls != nil { return firstByte(of: broker, asking: greeting) == 0x20 ? .speaksMQTT : .unknown }
        switch firstByte(of: broker, asking: clientHello) {
        case 0x15, 0x16: return .speaksTLS
        default: return firstByte(of: broker, asking: greeting) == 0x20 ? .speaks311 : .unknown
        }
    }

    /// Why no TCP connection can be made; nil when one can.
    static func obstacle(_ broker: BrokerSettings) -> String? {
        var reason: String?
        _ = firstByte(of: broker, asking: [], &reason)
        return reason
    }

    private static func firstByte(of broker: BrokerSettings, asking question: [UInt8]) -> UInt8? {
        var reason: String?
        return firstByte(of: broker, asking: question, &reason)
    }

    /// - Parameter reason: why no connection could be made, nil when one was made.
    private static func firstByte(
        of broker: BrokerSettings, asking question: [UInt8], _ reason: inout String?
    ) -> UInt8? {
        guard let descriptor = connect(to: broker, seconds: 2, &reason) else { return nil }
        defer { close(descriptor) }
        guard !question.isEmpty, send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count
        else { return nil }
        var answer: UInt8 = 0
        return recv(descriptor, &answer, 1, 0) == 1 ? answer : nil
    }

    /// A TCP connection to the first address that accepts one.
    ///
    /// - Parameters:
    ///   - seconds: the time limit of each call on it.
    ///   - reason: why no connection could be made, nil when one was made.
    static func connect(to broker: BrokerSettings, seconds: Int, _ reason: inout String?) -> Int32? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(broker.host, String(broker.port), &hints, &list)
        guard status == 0, let list else {
            reason = String(cString: gai_strerror(status))
            return nil
        }
        defer { freeaddrinfo(list) }
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let address = next?.pointee {
            next = address.ai_next
            let type = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(address.ai_family, type, address.ai_protocol)
            guard descriptor >= 0 else {
                reason = String(cString: strerror(errno))
                continue
            }
            var limit = timeval(tv_sec: seconds, tv_usec: 0)
            for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
                setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
            }
            if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
                reason = nil
                return descriptor
            }
            reason = String(cString: strerror(errno))
            close(descriptor)
        }
        return nil
    }
}
