// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The content of a group in a line where a number is expected.
enum P1Value {
    /// A number, its unit if there is one, and whether a second value follows in the same group (`65.0*A,-65.0*A`).
    case number(ExactDecimal, Unit?, hasMore: Bool)
    /// An empty group, or only a unit: `()`, `(*m3)`.
    case absent
    /// Something else.
    case other

    /// Reads `000671.578*kWh`, `0004.251kW`, `65,0*A`, `-063*A`, `00007137.694*kWh `, `(00015)`.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        Self.skipBlanks(bytes, &index)
        guard index < bytes.count, bytes[index] != UInt8(ascii: "*") else {
            self = .absent
            return
        }
        guard let number = Self.number(bytes, &index) else {
            self = .other
            return
        }
        Self.skipBlanks(bytes, &index)
        let hasStar = index < bytes.count && bytes[index] == UInt8(ascii: "*")
        if hasStar {
            index += 1
            Self.skipBlanks(bytes, &index)
        }
        let start = index
        while index < bytes.count, !Self.isBlank(bytes[index]), bytes[index] != UInt8(ascii: ",") { index &+= 1 }
        let spelling = UnsafeBufferPointer(rebasing: bytes[start..<index])
        Self.skipBlanks(bytes, &index)
        let hasMore = index < bytes.count && bytes[index] == UInt8(ascii: ",")
        let unit = spelling.isEmpty ? nil : P1Unit.unit(spelling, isMarked: hasStar)
        // After a number without a unit, a comma is a second separator (`12.345,678`), and the meaning of the digits is
        // unknown.
        guard index == bytes.count || (hasMore && unit != nil), spelling.isEmpty || unit != nil else {
            self = .other
            return
        }
        self = .number(number, unit, hasMore: hasMore)
    }

    /// The digits at `index`, with an optional sign and one `.` or `,`; nil when there is no number, or it has more
    /// digits than a register can have.
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> ExactDecimal? {
        let start = index
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
        var mantissa: Int64 = 0
        var decimals = 0
        var separator: UInt8 = 0
        var hasDigits = false
        var isLong = false
        while index < bytes.count {
            let byte = bytes[index]
            let digit = byte &- UInt8(ascii: "0")
            if digit <= 9 {
                if mantissa >= 100_000_000_000_000_000 {
                    isLong = true
                } else {
                    mantissa = mantissa &* 10 &+ Int64(digit)
                }
                if separator != 0 { decimals &+= 1 }
                hasDigits = true
            } else if separator == 0, byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") {
                separator = byte
            } else {
                break
            }
            index &+= 1
        }
        guard hasDigits else { return nil }
        if isLong || decimals > 18 {
            return ExactDecimal(bytes: UnsafeBufferPointer(rebasing: bytes[start..<index]))
        }
        return ExactDecimal(isNegative ? -mantissa : mantissa, exponent: -decimals)
    }

    private static func skipBlanks(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
        while index < bytes.count, isBlank(bytes[index]) { index += 1 }
    }

    /// Spaces and tabs; other control characters are damage.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == P1Framing.blank || byte == UInt8(ascii: "\t") }
}
