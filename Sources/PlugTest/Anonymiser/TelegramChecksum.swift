// SPDX-License-Identifier: Apache-2.0
import Adapters

/// The CRC of a P1 telegram in which a serial was replaced.
enum TelegramChecksum {
    /// The telegram with a CRC that fits, when the one it was made from had such a one; else as it is, because a telegram that was
    /// damaged has to stay damaged.
    static func restored(_ payload: [UInt8], from original: [UInt8]) -> [UInt8] {
        guard let old = place(in: original), let new = place(in: payload),
            original[old.crc].elementsEqual(digits(of: original[old.body]))
        else { return payload }
        var result = payload
        result.replaceSubrange(new.crc, with: digits(of: payload[new.body]))
        return result
    }

    /// From `/` to `!`, and the four digits behind it; nil without any of them.
    private static func place(in bytes: [UInt8]) -> (body: Range<Int>, crc: Range<Int>)? {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "/")), let end = bytes.lastIndex(of: UInt8(ascii: "!")),
            start < end,
            end + 5 <= bytes.count
        else { return nil }
        return (start..<end + 1, end + 1..<end + 5)
    }

    private static func digits(of body: ArraySlice<UInt8>) -> [UInt8] {
        Array(CRC16.text(body.withUnsafeBufferPointer(CRC16.checksum)).utf8)
    }
}
