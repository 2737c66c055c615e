// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// A payload with placeholders for the words that differ from message to message.
struct PayloadTemplate {
    var bytes: [UInt8]
    /// The time zone of the reader's clock, for `{local}`.
    var zone: Zone

    /// - Parameters:
    ///   - time: the time on the reader's clock.
    ///   - value: the value of this message, for `{value}`.
    ///   - number: the number of earlier messages in this step, for `{n}`.
    func filled(time: Timestamp, value: String, number: Int) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "{")), var text = String(validating: bytes, as: UTF8.self) else {
            return bytes
        }
        let words: KeyValuePairs = [
            "{value}": value, "{n}": "\(number)", "{epoch}": "\(time.seconds)", "{utc}": "\(time.wholeSeconds)",
            "{local}": String(decoding: Self.face(time, zone: zone), as: UTF8.self),
        ]
        for (word, replacement) in words where text.contains(word) {
            text = text.replacing(word, with: replacement)
        }
        return Array(text.utf8)
    }

    private static func face(_ time: Timestamp, zone: Zone) -> [UInt8] {
        var bytes: [UInt8] = []
        RFC3339.append(WallTime(time.wholeSeconds, offset: zone.offset(at: time)), to: &bytes)
        return bytes
    }
}
