// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Formats numbers, times and sizes for people.
enum Shown {
    /// A narrow no-break space, between groups of three digits and before a unit.
    static let space = "\u{202f}"

    /// `12 345.6`: a number in decimal notation, its whole part in groups of three from five digits on.
    static func grouped(_ number: String) -> String {
        let isNegative = number.hasPrefix("-")
        let unsigned = isNegative ? number.dropFirst() : number[...]
        let whole = unsigned.prefix { $0 != "." }
        let sign = isNegative ? "−" : ""
        guard whole.utf8.count > 4, whole.allSatisfy(\.isNumber) else { return sign + unsigned }
        var groups: [Substring] = []
        var rest = whole
        while !rest.isEmpty {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return "\(sign)\(groups.joined(separator: space))\(unsigned.dropFirst(whole.count))"
    }

    /// A number with exactly `decimals` digits after the point.
    static func number(_ value: ExactDecimal, decimals: Int) -> String {
        let text = value.rounded(toDecimals: decimals).description
        guard decimals > 0 else { return grouped(text) }
        let known = text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
        let point = known == 0 ? "." : ""
        return grouped(text + point + String(repeating: "0", count: max(0, decimals - known)))
    }

    /// A number with all its digits.
    static func number(_ value: ExactDecimal) -> String { grouped(value.description) }

    /// The magnitude of a power and its unit: W up to 9999 W, then kW.
    static func power(_ watts: ExactDecimal) -> (number: String, unit: String) {
        let magnitude = watts.isNegative ? ExactDecimal(-watts.mantissa, exponent: watts.exponent) : watts
        guard ExactDecimal(9999) < magnitude else { return (number(magnitude, decimals: 0), "W") }
        return (number(magnitude.scaled(byPowerOfTen: -3), decimals: 2), "kW")
    }

    /// The symbol of `unit`, or nothing for a plain number.
    static func unit(_ unit: Unit?) -> String {
        guard let symbol = unit?.symbol, symbol != "1" else { return "" }
        return symbol
    }

    /// The first two hundred lines of a text.
    static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).prefix(200).map(String.init)
    }

    /// `123.4 MB`.
    static func bytes(_ count: Int) -> String { "\(ExactDecimal(Int64(count / 100_000), exponent: -1))\(space)MB" }

    /// `2026-11-20 22:40:02` in local time of `zone`.
    static func moment(_ time: Timestamp, in zone: Zone) -> String {
        let face = WallTime(Timestamp(seconds: time.seconds), offset: zone.offset(at: time)).description
        return face.replacing("T", with: " ")
    }
}
