// SPDX-License-Identifier: Apache-2.0
/// An MQTT packet as the fake broker reads it.
struct FakePacket {
    var type: UInt8
    var flags: UInt8
    var body: [UInt8]

    /// False for other packets, and for a TLS ClientHello, which begins alike.
    var isConnect: Bool { type == 0x10 && flags == 0 && body.count >= 12 }

    /// Of a CONNECT: the protocol level says so.
    var isV5: Bool { body.count > 6 && body[6] == 5 }

    /// As it goes over the wire.
    var bytes: [UInt8] {
        var (length, rest): ([UInt8], Int) = ([], body.count)
        repeat {
            length.append(UInt8(rest & 127) | (rest > 127 ? 128 : 0))
            rest >>= 7
        } while rest > 0
        return [type | flags] + length + body
    }

    func number(at offset: Int) -> Int {
        offset + 1 < body.count ? Int(body[offset]) << 8 | Int(body[offset + 1]) : 0
    }

    /// Of a CONNECT; in MQTT 5 the properties, shorter than 128 bytes here, stand before it.
    var clientID: String { string(at: isV5 ? 11 + Int(body[10]) : 10) }

    /// A length-prefixed string.
    func string(at offset: Int) -> String {
        let end = min(body.count, offset + 2 + number(at: offset))
        return String(decoding: body[min(offset + 2, end)..<end], as: UTF8.self)
    }
}
