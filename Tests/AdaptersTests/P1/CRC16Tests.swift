// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Adapters

@Suite struct CRC16Tests {
    /// The check value of CRC-16/ARC in Greg Cook's catalogue.
    @Test func `the check value is BB3D`() {
        #expect(Array("123456789".utf8).withUnsafeBufferPointer(CRC16.checksum) == 0xBB3D)
    }

    @Test func `eight bytes a step give what one bit a step gives`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            var crc: UInt16 = 0
            for byte in bytes {
                crc ^= UInt16(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
            }
            #expect(bytes.withUnsafeBufferPointer(CRC16.checksum) == crc)
        }
    }

    @Test func `it is written with four digits`() {
        #expect(CRC16.text(0xB9F) == "0B9F")
    }
}
