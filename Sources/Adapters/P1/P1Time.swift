// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The times of P1 telegrams.
enum P1Time {
    /// Reads a time in any known form; nil for an empty field.
    ///
    /// `YYMMDDhhmmss` with `S` or `W` (DSMR P1 5.0.2, 6.4); the same without a letter (Iskra MIE5T before its update,
    /// gas of DSMR 2.2); twelve DLMS octets in hexadecimal (MCS301); `20240111 09:35:00` (NES). Everything else is
    /// invalid.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> RawTime? {
        let bytes = P1Text.trimmed(bytes)
        if bytes.isEmpty { return nil }
        switch bytes.count {
        case 12, 13:
            guard let wall = wallTime(bytes) else { break }
            if bytes.count == 12 { return .local(wall) }
            switch bytes[12] | 0x20 {
            case UInt8(ascii: "s"): return .seasonal(wall, isSummer: true)
            case UInt8(ascii: "w"): return .seasonal(wall, isSummer: false)
            default: break
            }
        case 17:
            if let wall = spacedWallTime(bytes) { return .local(wall) }
        case 24:
            if let time = octets(bytes) { return time }
        default:
            break
        }
        return .invalid(String(decoding: bytes, as: UTF8.self))
    }

    /// The time of a register: like `parse`, but the time of a clock that was never set is invalid. Dead M-Bus slots
    /// and failure logs contain `700101010000W` and `000101000001W`.
    static func ofRegister(_ bytes: UnsafeBufferPointer<UInt8>) -> RawTime? {
        switch parse(bytes) {
        case .local(let wall), .seasonal(let wall, _):
            isUnset(wall) ? .invalid(String(decoding: P1Text.trimmed(bytes), as: UTF8.self)) : parse(bytes)
        case let time: time
        }
    }

    /// True when the group is a stamp or a placeholder for one: it begins with at least eleven digits.
    static func isLike(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count >= 12 else { return false }
        for index in 0..<11 where bytes[index] &- UInt8(ascii: "0") > 9 { return octets(bytes) != nil }
        for byte in bytes where byte == UInt8(ascii: ".") || byte == UInt8(ascii: "*") { return false }
        return true
    }

    private static func isUnset(_ wall: WallTime) -> Bool {
        wall.year < 2000 || (wall.year == 2000 && wall.month == 1 && wall.day == 1)
    }

    /// Parses twelve digits. P1 did not exist before 2000: years 70 to 99 come from a clock that counts from 1970.
    private static func wallTime(_ bytes: UnsafeBufferPointer<UInt8>) -> WallTime? {
        guard let year = pair(bytes, 0), let month = pair(bytes, 2), let day = pair(bytes, 4),
            let hour = pair(bytes, 6),
            let minute = pair(bytes, 8), let second = pair(bytes, 10)
        else { return nil }
        return WallTime(
            year: year < 70 ? 2000 + year : 1900 + year, month: month, day: day, hour: hour, minute: minute,
            second: second)
    }

    private static func spacedWallTime(_ bytes: UnsafeBufferPointer<UInt8>) -> WallTime? {
        guard bytes[8] == UInt8(ascii: " "), bytes[11] == UInt8(ascii: ":"), bytes[14] == UInt8(ascii: ":"),
            let century = pair(bytes, 0), let year = pair(bytes, 2), let month = pair(bytes, 4),
            let day = pair(bytes, 6), let hour = pair(bytes, 9), let minute = pair(bytes, 12),
            let second = pair(bytes, 15)
        else { return nil }
        return WallTime(
            year: century * 100 + year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// Parses a DLMS date-time (IEC 62056-6-2, 4.1.6.1): year, month, day, weekday, hour, minute, second, hundredths,
    /// deviation, status.
    ///
    /// The sign of the deviation differs between meters (of two MCS301 in summer one sends -120 and one +120), so the
    /// daylight-saving bit of the status decides, and the deviation only when it is zero.
    private static func octets(_ bytes: UnsafeBufferPointer<UInt8>) -> RawTime? {
        guard bytes.count == 24 else { return nil }
        func octet(_ index: Int) -> Int? {
            guard let high = bytes[index * 2].hexadecimalDigit, let low = bytes[index * 2 + 1].hexadecimalDigit
            else { return nil }
            return Int(high) << 4 | Int(low)
        }
        guard let yearHigh = octet(0), let yearLow = octet(1), let month = octet(2), let day = octet(3),
            octet(4) != nil, let hour = octet(5), let minute = octet(6), let second = octet(7), octet(8) != nil,
            let deviationHigh = octet(9), let deviationLow = octet(10), let status = octet(11),
            let wall = WallTime(
                year: yearHigh << 8 | yearLow, month: month, day: day, hour: hour, minute: minute,
                second: second == 0xFF ? 0 : second)
        else { return nil }
        let deviation = deviationHigh << 8 | deviationLow
        let isSummer = status & 0x80 != 0
        if deviation == 0x8000 || status == 0xFF { return .local(wall) }
        if deviation == 0, !isSummer { return .instant(wall.instant(offset: 0)) }
        return .seasonal(wall, isSummer: isSummer)
    }

    /// Two decimal digits.
    static func pair(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
        let tens = bytes[index] &- UInt8(ascii: "0")
        let ones = bytes[index + 1] &- UInt8(ascii: "0")
        return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
    }
}
