// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTT

/// A connection to a server that forwards the bytes of a serial line. Nothing is ever sent.
final class TCPStream: ByteSource {
    private let settings: TCPSettings
    private let ending = Wakeup()
    /// The time in milliseconds that each address of the host has to answer.
    private static let patience: Int32 = 5000

    init(_ settings: TCPSettings) { self.settings = settings }

    func end() { ending.signal() }

    func read(_ report: (ByteEvent) -> Void) -> InputFault? {
        guard ending.descriptor >= 0 else { return InputFault("no file descriptor is left", EMFILE) }
        let addresses: [SocketAddress]
        switch NameLookup(host: settings.host, port: settings.port).addresses(unless: ending) {
        case .success(let found)?: addresses = found
        case .failure(let fault)?: return fault
        case nil: return nil
        }
        var fault = InputFault("the host has no address")
        for address in addresses {
            switch connect(to: address) {
            case .success(nil): return nil
            case .success(let descriptor?):
                defer { close(descriptor) }
                report(.opened("connected to \(settings.place)"))
                return receive(on: descriptor, report)
            case .failure(let reason): fault = reason
            }
        }
        return fault
    }

    /// A connected descriptor; nil when `end()` was called.
    private func connect(to address: SocketAddress) -> Result<Int32?, InputFault> {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { return .failure(InputFault("no socket", errno)) }
        var isConnected = false
        defer { if !isConnected { close(descriptor) } }
        // A peer that loses power sends nothing, like a meter between two telegrams: keep-alive probes tell them apart.
        for (level, option, value) in [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30),
            (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10), (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3),
        ] as [(Int32, Int32, Int32)] {
            var value = value
            setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        if address.call(Glibc.connect, descriptor) != 0 {
            guard errno == EINPROGRESS else { return .failure(Self.fault(errno)) }
            var entries = [
                pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: ending.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            var ready: Int32
            repeat { ready = poll(&entries, 2, Self.patience) } while ready < 0 && errno == EINTR
            if entries[1].revents != 0 { return .success(nil) }
            if ready == 0 { return .failure(InputFault("no answer within \(Self.patience / 1000) s")) }
            var code: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
            guard code == 0 else { return .failure(Self.fault(code)) }
        }
        isConnected = true
        return .success(descriptor)
    }

    private func receive(on descriptor: Int32, _ report: (ByteEvent) -> Void) -> InputFault? {
        var isFirst = true
        let end = StreamGathering(descriptor: descriptor, ending: ending).read { message, received in
            if isFirst, Self.isTelnet(message) {
                report(
                    .remark(
                        "the server speaks Telnet, which changes bytes: set it to raw mode (ser2net: tcp, not telnet)"))
            }
            isFirst = false
            report(.message(message, received: received))
        }
        switch end {
        case .ended: return nil
        case .closed where isFirst:
            return InputFault("the server closes the connection at once: does another program have it?")
        case .closed: return InputFault("the server closed the connection")
        case .failed(let code): return Self.fault(code)
        }
    }

    /// True for a Telnet negotiation, which comes first: IAC and WILL, WONT, DO or DONT (RFC 854).
    private static func isTelnet(_ message: [UInt8]) -> Bool {
        message.count >= 3 && message[0] == 0xFF && (0xFB...0xFE).contains(message[1])
    }

    private static func fault(_ code: Int32) -> InputFault {
        switch code {
        case ECONNREFUSED: InputFault("the connection is refused: nothing listens on this port")
        case ETIMEDOUT: InputFault("the server does not answer any more")
        case ECONNRESET: InputFault("the server ended the connection")
        default: InputFault("the connection failed", code)
        }
    }
}
