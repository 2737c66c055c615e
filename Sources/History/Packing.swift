// SPDX-License-Identifier: Apache-2.0

/// Writes integers of seven bits a byte, the lowest first, as rows hold them.
struct Packer {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// With a sign: small numbers on both sides of zero take one byte.
    mutating func append(signed value: Int64) { append(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }
}

/// Reads what `Packer` wrote. A row that is damaged ends early and traps on nothing.
struct Unpacker {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func next() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard shift < 64 else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    mutating func nextSigned() -> Int64? {
        next().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    /// Passes over so many integers; false where there are fewer.
    mutating func skip(_ count: Int) -> Bool {
        var rest = count
        while rest > 0, position < bytes.count {
            if bytes[position] < 0x80 { rest -= 1 }
            position += 1
        }
        return rest == 0
    }
}
