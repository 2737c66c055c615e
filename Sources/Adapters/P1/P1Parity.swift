// SPDX-License-Identifier: Apache-2.0

/// Telegrams of 9600 7E1 meters (DSMR 2.2, 3.0) that were read as 8N1.
enum P1Parity {
    /// True when some bytes have bit 7 set and each of these has even parity. Such a bit comes from the serial line,
    /// not from the meter; in a corrupt byte the parity is even only by chance.
    static func isEvenParity(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var count = 0
        for byte in bytes where byte > 0x7F {
            if byte.nonzeroBitCount % 2 != 0 { return false }
            count += 1
        }
        return count >= 8
    }
}
