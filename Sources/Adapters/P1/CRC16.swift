// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// CRC-16/ARC, the checksum of a P1 telegram (DSMR P1 5.0.2, 5.2.2): polynomial x16+x15+x2+1, reflected, from 0, over
/// everything from `/` to `!` inclusive.
package enum CRC16 {
    /// The checksum.
    package static func checksum(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt16 { ReflectedCRC16.arc.checksum(bytes) }

    /// Four upper-case hexadecimal digits, as at the end of a telegram.
    package static func text(_ crc: UInt16) -> String {
        let digits = String(crc, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
