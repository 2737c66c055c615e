// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The texts of P1 telegrams: plain, or their ASCII in hexadecimal (`Sn` of DSMR P1 5.0.2, 6.4).
enum P1Text {
    /// The bytes without surrounding spaces.
    static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] <= P1Framing.blank { start += 1 }
        while end > start, bytes[end - 1] <= P1Framing.blank { end -= 1 }
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    /// A message or name: decoded when it is printable ASCII in hexadecimal, otherwise as received; nil when it is
    /// blank or a filler of an unused field (0xFF bytes of Hungarian meters, `FFFF…`, `0000…`).
    static func message(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let bytes = trimmed(bytes)
        if isFiller(bytes) { return nil }
        return decoded(bytes) ?? String(decoding: bytes, as: UTF8.self)
    }

    /// A text as received; nil when it is blank.
    static func plain(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let bytes = trimmed(bytes)
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The text whose ASCII these hexadecimal digits are, without padding spaces, NULs and 0xFF; nil when they are not
    /// hexadecimal or the text is not printable.
    static func decoded(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard bytes.count >= 2, bytes.count % 2 == 0 else { return nil }
        var end = bytes.count / 2
        while end > 0, let last = octet(bytes, end - 1), last == 0 || last == 0xFF || last == P1Framing.blank {
            end -= 1
        }
        var start = 0
        while start < end, octet(bytes, start) == P1Framing.blank { start += 1 }
        for index in start..<bytes.count / 2 {
            guard let octet = octet(bytes, index), index >= end || (0x20..<0x7F).contains(octet) else { return nil }
        }
        guard start < end else { return nil }
        return String(unsafeUninitializedCapacity: end - start) { text in
            for index in start..<end { text[index - start] = octet(bytes, index) ?? P1Framing.blank }
            return end - start
        }
    }

    /// True when a field has no content: no byte, or one filler throughout (`0`, `F`, `-`, 0xFF, NUL).
    static func isFiller(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        if first == UInt8(ascii: "2"), bytes.count >= 8, bytes.count % 2 == 0 {
            let second = bytes[1] & 0xDF
            guard bytes[1] == UInt8(ascii: "0") || second == UInt8(ascii: "D") else { return false }
            return bytes.indices.allSatisfy { bytes[$0] == bytes[$0 % 2] }
        }
        guard [UInt8(ascii: "0"), UInt8(ascii: "F"), UInt8(ascii: "f"), UInt8(ascii: "-"), 0xFF, 0].contains(first),
            bytes.count > 1 || first == 0xFF || first == 0
        else { return false }
        return bytes.allSatisfy { $0 == first }
    }

    private static func octet(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt8? {
        guard let high = bytes[index * 2].hexadecimalDigit, let low = bytes[index * 2 + 1].hexadecimalDigit
        else { return nil }
        return high << 4 | low
    }
}
