// SPDX-License-Identifier: Apache-2.0

/// Reading and writing `2026-11-20T22:40:02.412Z` (RFC 3339) and the forms around it that readers send.
public enum RFC3339 {
    /// A parsed time: the local time and, when the text had one, its offset from UTC in seconds.
    public typealias Parsed = (wall: WallTime, offset: Int?)

    /// Reads `2021-09-24T17:56:38`, with a blank for the `T`, dots in the date (Tasmota of 2018), 0 to 9 fraction digits and
    /// an optional `Z`, `+02:00`, `+0200` or `+02`; nil for anything else.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Parsed? {
        guard bytes.count >= 19, bytes[4] == bytes[7], bytes[4] == UInt8(ascii: "-") || bytes[4] == UInt8(ascii: "."),
            bytes[10] | 0x20 == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " "),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = number(bytes, 0, 4), let month = number(bytes, 5, 2), let day = number(bytes, 8, 2),
            let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2)
        else { return nil }
        var index = 19
        var micros: Int32 = 0
        var digits = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            while index < bytes.count, let digit = number(bytes, index, 1) {
                if digits < 6 { micros = micros * 10 + Int32(digit) }
                digits += 1
                index += 1
            }
            guard (1...9).contains(digits) else { return nil }
            for _ in min(digits, 6)..<6 { micros *= 10 }
        }
        guard
            let wall = WallTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second, microseconds: micros,
                fractionDigits: digits == 0 ? 0 : micros % 1000 == 0 ? 3 : 6)
        else { return nil }
        if index == bytes.count { return (wall, nil) }
        guard let offset = offset(bytes, from: index) else { return nil }
        return (wall, offset)
    }

    /// The same from text.
    public static func parse(_ text: String) -> Parsed? {
        var text = text
        return text.withUTF8 { parse($0) }
    }

    /// An instant from text that has an offset; nil without one.
    public static func instant(_ text: String) -> Timestamp? {
        guard let parsed = parse(text), let offset = parsed.offset else { return nil }
        return parsed.wall.instant(offset: offset)
    }

    /// Appends the instant in UTC with `Z`.
    public static func append(_ instant: Timestamp, to bytes: inout [UInt8]) {
        bytes.append(upTo: longest) { append(instant, to: &$0) }
    }

    /// Appends a local time without offset.
    public static func append(_ wall: WallTime, to bytes: inout [UInt8]) {
        bytes.append(upTo: longest) { append(wall, to: &$0) }
    }

    /// Passes the bytes that `append` would append, and `letter` behind them unless it is nil.
    static func withText(of wall: WallTime, _ letter: UInt8? = nil, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { buffer in
            guard let base = buffer.baseAddress else { return }
            var cursor = ByteCursor(at: base, room: longest)
            append(wall, to: &cursor)
            if let letter { cursor.put(letter) }
            body(UnsafeBufferPointer(start: base, count: cursor.at - base))
        }
    }

    /// Bytes of `2026-11-20T22:40:02.412345Z`.
    static let longest = 27

    /// Appends the instant where there is room for `longest` bytes.
    static func append(_ instant: Timestamp, to cursor: inout ByteCursor) {
        append(WallTime(instant), to: &cursor)
        cursor.put(UInt8(ascii: "Z"))
    }

    private static func append(_ wall: WallTime, to cursor: inout ByteCursor) {
        cursor.put(twoDigits: wall.year / 100)
        cursor.put(twoDigits: wall.year % 100)
        cursor.put(UInt8(ascii: "-"))
        cursor.put(twoDigits: wall.month)
        cursor.put(UInt8(ascii: "-"))
        cursor.put(twoDigits: wall.day)
        cursor.put(UInt8(ascii: "T"))
        cursor.put(twoDigits: wall.secondOfDay / 3600)
        cursor.put(UInt8(ascii: ":"))
        cursor.put(twoDigits: wall.secondOfDay / 60 % 60)
        cursor.put(UInt8(ascii: ":"))
        cursor.put(twoDigits: wall.secondOfDay % 60)
        guard wall.fractionDigits > 0 else { return }
        cursor.put(UInt8(ascii: "."))
        let micros = Int(wall.microseconds)
        cursor.put(twoDigits: micros / 10_000)
        if wall.fractionDigits == 3 {
            cursor.put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: micros / 1000 % 10))
        } else {
            cursor.put(twoDigits: micros / 100 % 100)
            cursor.put(twoDigits: micros % 100)
        }
    }

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
        guard start + count <= bytes.count else { return nil }
        var number = 0
        for index in start..<start + count {
            guard bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") else { return nil }
            number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return number
    }

    private static func offset(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let rest = bytes.count - start
        if bytes[start] == UInt8(ascii: "Z") || bytes[start] == UInt8(ascii: "z") { return rest == 1 ? 0 : nil }
        let isNegative = bytes[start] == UInt8(ascii: "-")
        guard isNegative || bytes[start] == UInt8(ascii: "+"), let hours = number(bytes, start + 1, 2), hours <= 23
        else { return nil }
        var minutes: Int? = 0
        switch rest {
        case 3: break
        case 5: minutes = number(bytes, start + 3, 2)
        case 6 where bytes[start + 3] == UInt8(ascii: ":"): minutes = number(bytes, start + 4, 2)
        default: return nil
        }
        guard let minutes, minutes <= 59 else { return nil }
        return (isNegative ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339, UTC, with `Z`; for an instant outside the years 1 to 9999, its seconds since 1970.
    public var description: String {
        guard isRepresentable else { return "\(seconds)" }
        var bytes: [UInt8] = []
        RFC3339.append(self, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension WallTime: CustomStringConvertible {
    /// ISO 8601 without offset.
    public var description: String {
        var bytes: [UInt8] = []
        RFC3339.append(self, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
