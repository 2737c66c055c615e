// SPDX-License-Identifier: Apache-2.0
import Adapters

/// The CRC of a P1 telegram in which a serial was replaced.
enum TelegramChecksum {
    /// The telegram with a correct CRC if the original's CRC was correct; else unchanged, so that a damaged telegram
    /// stays damaged.
    static func restored(_ payload: [UInt8], from original: [UInt8]) -> [UInt8] {
        guard let old = place(in: original), let new = place(in: payload),
            original[old.crc].elementsEqual(digits(of: original[old.body]))
        else { return payload }
        var result = payload
        result.replaceSubrange(new.crc, with: digits(of: payload[new.body]))
        return result
    }

    /// The telegram from `/` to `!`, and the four CRC digits after it; nil when one of them is missing.
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
