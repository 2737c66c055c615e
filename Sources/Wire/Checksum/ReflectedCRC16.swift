// SPDX-License-Identifier: Apache-2.0

/// The 16-bit CRCs of meters, low bit first; they differ in polynomial, initial and final value.
package struct ReflectedCRC16: Sendable {
    private let tables: [UInt16]
    private let start: UInt16
    private let final: UInt16

    /// CRC-16/X-25: HDLC (ISO/IEC 13239) and SML.
    package static let x25 = ReflectedCRC16(polynomial: 0x8408, start: 0xFFFF, final: 0xFFFF)
    /// CRC-16/KERMIT: the SML of some meters.
    package static let kermit = ReflectedCRC16(polynomial: 0x8408, start: 0, final: 0)
    /// CRC-16/ARC: P1 telegrams (DSMR P1 5.0.2, 5.2.2).
    package static let arc = ReflectedCRC16(polynomial: 0xA001, start: 0, final: 0)

    /// Eight tables of 256 entries: table n contains the CRC of a byte followed by n zero bytes.
    private init(polynomial: UInt16, start: UInt16, final: UInt16) {
        var tables = [UInt16](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let shorter = tables[index - 256]
            tables[index] = tables[Int(shorter & 0xFF)] ^ shorter >> 8
        }
        self.tables = tables
        self.start = start
        self.final = final
    }

    /// The checksum of all bytes, eight per step: byte by byte it would take as long as all other work on a frame.
    package func checksum(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt16 {
        tables.withUnsafeBufferPointer { tables in
            var crc = start
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
            return crc ^ final
        }
    }

    /// The checksum of a part of an array.
    package func checksum(_ bytes: [UInt8], _ range: Range<Int>) -> UInt16 {
        bytes.withUnsafeBufferPointer { checksum(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
