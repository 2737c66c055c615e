// SPDX-License-Identifier: Apache-2.0

extension OBISCode: CustomStringConvertible, LosslessStringConvertible {
    /// `A-B:C.D.E`, with `*F` for a stored value.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends `description` in ASCII: every register of every message passes here, so no string is made on the way.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(upTo: Self.longest) { append(to: &$0) }
    }

    /// Bytes of `255-255:255.255.255*254`.
    static let longest = 23

    /// Appends `description` to a cursor that has room for `longest` bytes.
    @inline(__always) func append(to cursor: inout ByteCursor) {
        cursor.put(decimal: a)
        cursor.put(UInt8(ascii: "-"))
        cursor.put(decimal: b)
        cursor.put(UInt8(ascii: ":"))
        cursor.put(decimal: c)
        cursor.put(UInt8(ascii: "."))
        cursor.put(decimal: d)
        cursor.put(UInt8(ascii: "."))
        cursor.put(decimal: e)
        guard f != 255 else { return }
        cursor.put(UInt8(ascii: "*"))
        cursor.put(decimal: f)
    }

    /// Reads every spelling seen in the field; nil when the text is not an OBIS code.
    ///
    /// `1-0:1.8.0*255`, `1-0:1.8.0`, `1.0.1.8.0.255`, `1.8.0`, `1_8_0`, `1-8-0`, `1-0-1-8-0`, `0100010800ff` and, from SML,
    /// `77070100010800ff`. A last group other than 255 names a stored (billing) value and is refused.
    public init?(_ text: String) {
        var text = text
        guard let code = text.withUTF8({ OBISCode(bytes: $0) }) else { return nil }
        self = code
    }

    /// Reads a code from bytes, without a copy.
    public init?(bytes: UnsafeBufferPointer<UInt8>) {
        if let code = OBISCode(whole: bytes) ?? OBISCode(hexadecimal: bytes) {
            self = code
            return
        }
        var groups: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0, 255)
        var separators: (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
        var count = 0
        var number = -1
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = max(number, 0) * 10 + Int(byte - UInt8(ascii: "0"))
                if number > 255 { return nil }
            case UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"):
                guard number >= 0, count < 5 else { return nil }
                Self.set(&groups, count, UInt8(number))
                Self.set(&separators, count, byte)
                count += 1
                number = -1
            default:
                return nil
            }
        }
        guard number >= 0, count >= 2, Self.isPlausible(separators, count) else { return nil }
        Self.set(&groups, count, UInt8(number))
        let hasStar = withUnsafeBytes(of: separators) { $0[count - 1] == UInt8(ascii: "*") }
        switch count {
        case 2 where !hasStar:
            self.init(reduced: groups.0, groups.1, groups.2)
        case 3 where hasStar && groups.3 == 255:
            self.init(reduced: groups.0, groups.1, groups.2)
        case 3 where separators.1 == UInt8(ascii: ":"):  // `A-B:C.D`, as some DSMR lines shorten it
            self.init(groups.0, groups.1, groups.2, groups.3, 0)
        case 4 where !hasStar:
            self.init(groups.0, groups.1, groups.2, groups.3, groups.4)
        case 5 where groups.5 == 255:
            self.init(groups.0, groups.1, groups.2, groups.3, groups.4)
        default:
            return nil
        }
    }

    /// `A-B:C.D.E` and nothing else, as nearly every line of every telegram spells it.
    private init?(whole bytes: UnsafeBufferPointer<UInt8>) {
        var (code, group, digits, separators) = (0 as UInt64, 0 as UInt64, 0, 0)
        for byte in bytes {
            let digit = UInt64(byte &- UInt8(ascii: "0"))
            if digit <= 9 {
                group = group * 10 + digit
                digits += 1
                guard group <= 255 else { return nil }
                continue
            }
            // `-`, `:`, `.`, `.`
            let expected: UInt32 = 0x2E2E_3A2D >> UInt32(8 * separators)
            guard digits > 0, separators < 4, UInt32(byte) == expected & 0xFF else { return nil }
            code = code << 8 | group
            (group, digits, separators) = (0, 0, separators + 1)
        }
        guard separators == 4, digits > 0 else { return nil }
        packed = code << 8 | group
    }

    /// A star comes only before the last group and a colon only after the second: `10:30:00` is a time and not a code.
    private static func isPlausible(_ separators: (UInt8, UInt8, UInt8, UInt8, UInt8), _ count: Int) -> Bool {
        withUnsafeBytes(of: separators) { bytes in
            (0..<count).allSatisfy { index in
                switch bytes[index] {
                case UInt8(ascii: "*"): index == count - 1
                // The published DSMR specification misprints `1-0:99:97.0`.
                case UInt8(ascii: ":"):
                    count >= 3
                        && (index == 1
                            || (index == 2 && bytes[0] == UInt8(ascii: "-") && bytes[1] == UInt8(ascii: ":")))
                default: true
                }
            }
        }
    }

    /// A code without medium and channel, `C.D.E`, as smartmeter-datacollector and Tasmota labels shorten it. The medium
    /// follows from C and D: clock, ids, switches and logs are abstract objects (A = 0), everything else is electricity.
    ///
    /// C alone does not determine it: 42.0.0 is the device name and 42.7.0 the export power of phase 2, 24.2.1 is an
    /// M-Bus counter and 24.7.0 the reactive power of phase 1 (smartmeter-datacollector 2.0 sends all of them in the
    /// short form).
    private init(reduced c: UInt8, _ d: UInt8, _ e: UInt8) {
        let isAbstract =
            switch c {
            case 1, 17, 42: d == 0
            case 24: (1...4).contains(d)
            case 96, 97, 98: true
            default: false
            }
        self.init(isAbstract ? 0 : 1, 0, c, d, e)
    }

    /// Six bytes in hexadecimal ending in `ff`, or the same after SML's `7707`.
    private init?(hexadecimal bytes: UnsafeBufferPointer<UInt8>) {
        var digits = bytes[...]
        if digits.count == 16, digits.starts(with: "7707".utf8) { digits = digits.dropFirst(4) }
        guard digits.count == 12 else { return nil }
        var groups: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0, 0)
        for (index, byte) in digits.enumerated() {
            guard let digit = byte.hexadecimalDigit else { return nil }
            withUnsafeMutableBytes(of: &groups) { $0[index / 2] = $0[index / 2] << 4 | digit }
        }
        guard groups.5 == 255 else { return nil }
        self.init(groups.0, groups.1, groups.2, groups.3, groups.4)
    }

    private static func set<Groups>(_ groups: inout Groups, _ index: Int, _ value: UInt8) {
        withUnsafeMutableBytes(of: &groups) { $0[index] = value }
    }
}
