// SPDX-License-Identifier: Apache-2.0

extension ExactDecimal: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `000559.373`, `-36`, `+5`, `.5`, `1.5e3`; nil for anything else.
    ///
    /// More than 18 significant digits are rounded after the point (float noise of another program) and refused before it,
    /// and so is a magnitude of 10^18 or more, however it is spelled.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ ExactDecimal(bytes: $0) }) else { return nil }
        self = value
    }

    /// Reads a number from bytes.
    public init?(bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { index = 1 }
        var mantissa: Int64 = 0
        var exponent = 0
        var digits = 0
        var hasPoint = false
        var isFull = false
        scan: while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                let digit = Int64(byte - UInt8(ascii: "0"))
                if isFull || mantissa >= 100_000_000_000_000_000 {
                    guard hasPoint else { return nil }
                    if !isFull, digit >= 5 { mantissa += 1 }
                    isFull = true
                } else {
                    mantissa = mantissa * 10 + digit
                    if hasPoint { exponent -= 1 }
                }
            case UInt8(ascii: "."):
                guard !hasPoint else { return nil }
                hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let power = Self.power(bytes[(index + 1)...]) else { return nil }
                exponent += power
                break scan
            default:
                return nil
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        self.init(isNegative ? -mantissa : mantissa, exponent: exponent)
        // No register needs more; an exponent out of these bounds would only make a text of a thousand zeros.
        guard isZero || self.exponent >= -40 else { return nil }
        guard self.exponent > 0 ? magnitudeOrder <= 18 : self.mantissa.magnitude < 1_000_000_000_000_000_000 else {
            return nil
        }
    }

    /// The exponent after `e`: an optional sign and one to three digits.
    private static func power(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var rest = bytes
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.count <= 3 else { return nil }
        var power = 0
        for byte in rest {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            power = power * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return isNegative ? -power : power
    }

    /// Plain decimal notation: no exponent, no trailing zeros, no `+`.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `description` in ASCII.
    var ascii: [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longestText) { buffer in
            guard let base = buffer.baseAddress else { return [] }
            var cursor = ByteCursor(at: base, room: longestText)
            append(to: &cursor)
            return [UInt8](UnsafeBufferPointer(start: base, count: cursor.at - base))
        }
    }

    /// Appends `description` in ASCII.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(upTo: longestText) { append(to: &$0) }
    }

    /// The most bytes of `description`: a sign, 19 digits, `0.` and the zeros of the exponent.
    var longestText: Int { 22 + abs(exponent) }

    /// Appends `description` to a cursor that has room for `longestText` bytes.
    func append(to cursor: inout ByteCursor) {
        cursor.put(upTo: longestText) { place in
            var next = place
            if mantissa < 0 {
                next.pointee = UInt8(ascii: "-")
                next += 1
            }
            let (magnitude, decimals) = (mantissa.magnitude, -exponent)
            guard decimals > 0 else {
                next = Self.write(magnitude, Self.digits(magnitude), at: next)
                for _ in 0..<(-decimals) {
                    next.pointee = UInt8(ascii: "0")
                    next += 1
                }
                return next - place
            }
            // Beyond 10^18 there is nothing before the point.
            let unit = Self.powerOfTen(decimals)?.magnitude ?? .max
            let (whole, fraction) = unit == .max ? (0, magnitude) : magnitude.quotientAndRemainder(dividingBy: unit)
            next = Self.write(whole, Self.digits(whole), at: next)
            next.pointee = UInt8(ascii: ".")
            next = Self.write(fraction, decimals, at: next + 1)
            return next - place
        }
    }

    /// Writes `digits` digits of a number, two at a time from the last one on, with leading zeros; returns the position
    /// after them.
    @inline(__always) private static func write(
        _ number: UInt64, _ digits: Int, at place: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var (rest, index) = (number, digits)
        while index >= 2 {
            let (others, pair) = (rest / 100, Int(truncatingIfNeeded: rest % 100))
            index -= 2
            place[index] = pairs.utf8Start[2 * pair]
            place[index + 1] = pairs.utf8Start[2 * pair + 1]
            rest = others
        }
        if index == 1 { place[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10) }
        return place + digits
    }

    /// 00, 01 … 99.
    private static var pairs: StaticString {
        """
        00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960\
        616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }

    /// How many digits a number has, one for 0.
    @inline(__always) private static func digits(_ number: UInt64) -> Int {
        var (digits, rest) = (0, number)
        while rest >= 10_000 {
            rest /= 10_000
            digits += 4
        }
        return digits + (rest >= 1000 ? 4 : rest >= 100 ? 3 : rest >= 10 ? 2 : 1)
    }
}
