// SPDX-License-Identifier: Apache-2.0
/// An MQTT packet read by the fake broker.
struct FakePacket {
    var type: UInt8
    var flags: UInt8
    var body: [UInt8]

    /// False for other packets, and for a TLS ClientHello, which begins with similar bytes.
    var isConnect: Bool { type == 0x10 && flags == 0 && body.count >= 12 }

    /// For a CONNECT: the protocol level is 5.
    var isV5: Bool { body.count > 6 && body[6] == 5 }

    /// For a CONNECT: requests the end of an existing session.
    var isCleanStart: Bool { body.count > 7 && body[7] & 2 != 0 }

    /// The packet as sent on the wire.
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

    /// For a CONNECT; in MQTT 5 the properties, shorter than 128 bytes here, precede it.
    var clientID: String { string(at: isV5 ? 11 + Int(body[10]) : 10) }

    /// For a PUBLISH with QoS 1 or 2: its packet id.
    var publicationID: Int { number(at: 2 + number(at: 0)) }

    /// For a PUBLISH: the payload, after topic, packet id and, with MQTT 5, the properties, which are shorter than 128
    /// bytes here.
    func payload(isV5: Bool) -> ArraySlice<UInt8> {
        var start = 2 + number(at: 0) + (flags & 6 == 0 ? 0 : 2)
        if isV5, start < body.count { start += 1 + Int(body[start]) }
        return body.dropFirst(start)
    }

    /// A length-prefixed string.
    func string(at offset: Int) -> String {
        let end = min(body.count, offset + 2 + number(at: offset))
        return String(decoding: body[min(offset + 2, end)..<end], as: UTF8.self)
    }

    /// The numeric properties of a CONNACK with MQTT 5, as far as they can be read; its properties are shorter than 128
    /// bytes here.
    static func numbers(ofConnack body: [UInt8]) -> [(property: UInt8, value: Int)] {
        var found: [(UInt8, Int)] = []
        var rest = body.dropFirst(3)
        while let property = rest.popFirst() {
            let length: Int
            switch property {
            case 0x24, 0x25, 0x28, 0x29, 0x2A: length = 1
            case 0x13, 0x21, 0x22: length = 2
            case 0x11, 0x27: length = 4
            default: return found
            }
            found.append((property, rest.prefix(length).reduce(0) { $0 << 8 | Int($1) }))
            rest = rest.dropFirst(length)
        }
        return found
    }

    /// The CONNACK with this Receive Maximum (MQTT 5.0, 3.2.2.3.3), replacing the broker's or added to its other
    /// properties.
    func narrowed(to window: UInt16) -> FakePacket {
        guard type == 0x20, body.count >= 3, body[2] < 120 else { return self }
        var (body, position) = (body, 3)
        let bytes = [UInt8(window >> 8), UInt8(window & 255)]
        while position < body.count {
            switch body[position] {
            case 0x21:
                body.replaceSubrange(position + 1...position + 2, with: bytes)
                return FakePacket(type: type, flags: flags, body: body)
            case 0x13, 0x22: position += 3
            case 0x11, 0x27: position += 5
            case 0x24, 0x25, 0x28, 0x29, 0x2A: position += 2
            default: return self
            }
        }
        body[2] += 3
        return FakePacket(type: type, flags: flags, body: body + [0x21] + bytes)
    }
}
