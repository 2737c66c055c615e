// SPDX-License-Identifier: Apache-2.0

/// CRC-16/ARC, the checksum of a P1 telegram (DSMR P1 5.0.2, 5.2.2): polynomial x16+x15+x2+1, reflected, from 0, over
/// everything from `/` to `!` inclusive.
package enum CRC16 {
    /// The checksum, eight bytes a step: byte by byte it would take as long as everything else that is done to a telegram.
    package static func checksum(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt16 {
        tables.withUnsafeBufferPointer { tables in
            var crc: UInt16 = 0
            var index = 0
            while index + 8 <= bytes.count {
                let low = bytes[index] ^ UInt8(truncatingIfNeeded: crc)
                let high = bytes[index + 1] ^ UInt8(truncatingIfNeeded: crc >> 8)
                crc = tables[0x700 + Int(low)] ^ tables[0x600 + Int(high)]
                crc ^= tables[0x500 + Int(bytes[index + 2])] ^ tables[0x400 + Int(bytes[index + 3])]
                crc ^= tables[0x300 + Int(bytes[index + 4])] ^ tables[0x200 + Int(bytes[index + 5])]
                crc ^= tables[0x100 + Int(bytes[index + 6])] ^ tables[Int(bytes[index + 7])]
                index += 8
            }
            while index < bytes.count {
                crc = tables[Int(bytes[index] ^ UInt8(truncatingIfNeeded: crc))] ^ crc >> 8
                index += 1
            }
            return crc
        }
    }

    /// Four upper-case hexadecimal digits, as a telegram ends.
    package static func text(_ crc: UInt16) -> String {
        let digits = String(crc, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Eight tables of 256 entries: table n holds the CRC of a byte followed by n zero bytes.
    private static let tables: [UInt16] = {
        var tables = [UInt16](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let shorter = tables[index - 256]
            tables[index] = tables[Int(shorter & 0xFF)] ^ shorter >> 8
        }
        return tables
    }()
}
