// SPDX-License-Identifier: Apache-2.0

/// Telegrams of 9600 7E1 meters (DSMR 2.2, 3.0) that were read as 8N1.
enum P1Parity {
    /// True when bit 7 is set somewhere, and wherever it is, it makes the parity of its byte even. Such a bit is the serial
    /// line's and not the meter's; in a corrupt byte it is even only by chance.
    static func isEvenParity(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var count = 0
        for byte in bytes where byte > 0x7F {
            if byte.nonzeroBitCount % 2 != 0 { return false }
            count += 1
        }
        return count >= 8
    }
}
