// SPDX-License-Identifier: Apache-2.0

/// A date-time of 12 bytes (IEC 62056-6-2, 4.1.6.1), with its fields as sent.
///
///     year 2 | month | day | weekday | hour | minute | second | hundredths | deviation 2 | status
package struct COSEMTime: Sendable, Equatable {
    /// Bytes of a date-time.
    package static let size = 12

    package let year: Int
    package let month: Int
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int
    /// Hundredths of a second, nil when undefined.
    package let hundredths: Int?
    /// Minutes to add to the local time to get UTC: -60 for Central Europe in winter; nil when undefined.
    package let deviation: Int?
    /// Bit 7: daylight saving is on; nil when undefined.
    package let isSummer: Bool?

    /// Reads 12 bytes; nil when they are not a date-time, or when a required field is undefined (year `FFFF`, month
    /// `FD`, hour `FF`).
    package init?(_ bytes: [UInt8], at start: Int) {
        guard start + Self.size <= bytes.count else { return nil }
        year = Int(bytes[start]) << 8 | Int(bytes[start + 1])
        month = Int(bytes[start + 2])
        day = Int(bytes[start + 3])
        hour = Int(bytes[start + 5])
        minute = Int(bytes[start + 6])
        second = Int(bytes[start + 7])
        guard (1990...2200).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        hundredths = bytes[start + 8] < 100 ? Int(bytes[start + 8]) : nil
        let offset = Int16(truncatingIfNeeded: Int(bytes[start + 9]) << 8 | Int(bytes[start + 10]))
        deviation = (-840...840).contains(offset) ? Int(offset) : nil
        isSummer = bytes[start + 11] == 0xFF ? nil : bytes[start + 11] & 0x80 != 0
    }
}
