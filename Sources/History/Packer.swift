// SPDX-License-Identifier: Apache-2.0

/// Writes integers with seven bits per byte, the lowest first, the format of rows.
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

    /// Appends a signed integer: small numbers on both sides of zero take one byte.
    mutating func append(signed value: Int64) { append(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }
}

/// Reads the format of `Packer`. A damaged row ends early and never traps.
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

    /// Skips that many integers; false when there are fewer.
    mutating func skip(_ count: Int) -> Bool {
        var rest = count
        while rest > 0, position < bytes.count {
            if bytes[position] < 0x80 { rest -= 1 }
            position += 1
        }
        return rest == 0
    }
}
