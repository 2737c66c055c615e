// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// What stands in one group of a line when a number is expected there.
enum P1Value {
    /// A number, its unit if one is named, and whether a second value follows in the same group (`65.0*A,-65.0*A`).
    case number(ExactDecimal, Unit?, hasMore: Bool)
    /// Nothing, or a unit alone: `()`, `(*m3)`.
    case absent
    /// Something else.
    case other

    /// Reads `000671.578*kWh`, `0004.251kW`, `65,0*A`, `-063*A`, `00007137.694*kWh `, `(00015)`.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        func skipBlanks() { while index < bytes.count, Self.isBlank(bytes[index]) { index += 1 } }
        skipBlanks()
        guard index < bytes.count else {
            self = .absent
            return
        }
        let start = index
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative || bytes[index] == UInt8(ascii: "+") { index += 1 }
        var mantissa: Int64 = 0
        var decimals = 0
        var digits = 0
        var separator: UInt8 = 0
        while index < bytes.count {
            let byte = bytes[index]
            let digit = byte &- UInt8(ascii: "0")
            if digit <= 9 {
                // Beyond 18 digits the slow reader below rounds or refuses.
                if mantissa < 100_000_000_000_000_000 { mantissa = mantissa * 10 + Int64(digit) } else { digits = 99 }
                if separator != 0 { decimals += 1 }
                digits += 1
            } else if separator == 0, byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") {
                separator = byte
            } else {
                break
            }
            index += 1
        }
        if digits == 0 {
            skipBlanks()
            self = index == start && index < bytes.count && bytes[index] == UInt8(ascii: "*") ? .absent : .other
            return
        }
        var number: ExactDecimal? = ExactDecimal(isNegative ? -mantissa : mantissa, exponent: -decimals)
        if digits >= 99 {
            number =
                separator == UInt8(ascii: ",")
                ? nil : ExactDecimal(bytes: UnsafeBufferPointer(rebasing: bytes[start..<index]))
        }
        guard let number else {
            self = .other
            return
        }
        skipBlanks()
        let hasStar = index < bytes.count && bytes[index] == UInt8(ascii: "*")
        if hasStar {
            index += 1
            skipBlanks()
        }
        let unitStart = index
        while index < bytes.count, !Self.isBlank(bytes[index]), bytes[index] != UInt8(ascii: ",") { index += 1 }
        let unitBytes = UnsafeBufferPointer(rebasing: bytes[unitStart..<index])
        skipBlanks()
        let hasMore = index < bytes.count && bytes[index] == UInt8(ascii: ",")
        guard index == bytes.count || hasMore else {
            self = .other
            return
        }
        if unitBytes.isEmpty {
            self = .number(number, nil, hasMore: hasMore)
        } else if let unit = P1Unit.unit(unitBytes, isMarked: hasStar) {
            self = .number(number, unit, hasMore: hasMore)
        } else {
            self = .other
        }
    }

    /// Blanks and tabs; other control characters are damage.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == P1Framing.blank || byte == UInt8(ascii: "\t") }
}
