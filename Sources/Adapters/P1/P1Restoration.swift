// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Undoes a reader's changes to a telegram, as far as the telegram's own CRC proves it.
///
/// The CRC covers the line ends, which databases, JSON and serial bridges change: LF alone, CR alone (Tasmota's
/// delimiter removes the LF), doubled CR, spaces before them, `\\` for `\`.
struct P1Restoration: Equatable {
    /// The telegram as the meter sent it.
    var bytes: [UInt8]
    /// The changes that were needed.
    var steps: Steps

    /// Single changes; a telegram may need several.
    struct Steps: OptionSet, Hashable {
        let rawValue: Int
        static let lineEnds = Steps(rawValue: 1)
        static let trailingBlanks = Steps(rawValue: 2)
        static let backslashes = Steps(rawValue: 4)
        static let blankLine = Steps(rawValue: 8)
        static let parityBits = Steps(rawValue: 16)
    }

    /// The first form of the telegram, from the smallest change to the largest, that matches the CRC as sent.
    init?(of bytes: UnsafeBufferPointer<UInt8>, crc: UInt16) {
        var tried: Set<Steps> = [[]]
        for parity in [Steps(), .parityBits] {
            for blankLine in [Steps(), .blankLine] {
                for others in [Steps.lineEnds, [.lineEnds, .trailingBlanks], [.lineEnds, .backslashes], .textual] {
                    let candidate = P1Restoration(of: bytes, by: others.union(blankLine).union(parity))
                    guard tried.insert(candidate.steps).inserted else { continue }
                    if candidate.bytes.withUnsafeBufferPointer(CRC16.checksum) == crc {
                        self = candidate
                        return
                    }
                }
            }
        }
        return nil
    }

    /// The telegram after `wanted`; `steps` contains those that changed anything.
    init(of bytes: UnsafeBufferPointer<UInt8>, by wanted: Steps) {
        self.bytes = []
        self.bytes.reserveCapacity(bytes.count + 64)
        steps = []
        let endsWithLineFeed = bytes.contains(P1Framing.lineFeed)
        var lines = 0
        var index = 0
        while index < bytes.count {
            var byte = bytes[index]
            if wanted.contains(.parityBits), byte > 0x7F {
                byte &= 0x7F
                steps.insert(.parityBits)
            }
            index += 1
            let length =
                byte == P1Framing.lineFeed || byte == P1Framing.carriageReturn
                ? Self.lineEnd(bytes, index - 1, endsWithLineFeed: endsWithLineFeed) : 0
            if length > 0 {
                if wanted.contains(.trailingBlanks) { removeTrailingBlanks() }
                index += length - 1
                if length != 2 { steps.insert(.lineEnds) }
                self.bytes += [P1Framing.carriageReturn, P1Framing.lineFeed]
                lines += 1
                if lines == 1, wanted.contains(.blankLine), index < bytes.count,
                    Self.lineEnd(bytes, index, endsWithLineFeed: endsWithLineFeed) == 0
                {
                    self.bytes += [P1Framing.carriageReturn, P1Framing.lineFeed]
                    steps.insert(.blankLine)
                }
                continue
            }
            let backslash = UInt8(ascii: "\\")
            if byte == backslash, wanted.contains(.backslashes), index < bytes.count, bytes[index] == backslash {
                index += 1
                steps.insert(.backslashes)
            }
            self.bytes.append(byte)
        }
    }

    private mutating func removeTrailingBlanks() {
        while let last = bytes.last, last == P1Framing.blank || last == UInt8(ascii: "\t") {
            bytes.removeLast()
            steps.insert(.trailingBlanks)
        }
    }

    /// The length of the line end at `index` in bytes, 0 when none begins there. When any LF is left, a line end is LF
    /// with the CRs before it; when none is left, each CR is one: otherwise the blank second line would be lost.
    private static func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, endsWithLineFeed: Bool) -> Int {
        if !endsWithLineFeed { return bytes[index] & 0x7F == P1Framing.carriageReturn ? 1 : 0 }
        var end = index
        while end < min(bytes.count, index + 4), bytes[end] & 0x7F == P1Framing.carriageReturn { end += 1 }
        return end < bytes.count && bytes[end] == P1Framing.lineFeed ? end + 1 - index : 0
    }

    /// The fix for the reading.
    static func fix(_ names: [(sent: String, restored: String)]) -> Fix {
        Fix(
            .telegramRestored, fields: ["telegram"], action: .restore,
            original: names.map(\.sent).joined(separator: ", "),
            with: names.map(\.restored).joined(separator: ", "))
    }
}

extension P1Restoration.Steps {
    fileprivate static let textual: Self = [.lineEnds, .trailingBlanks, .backslashes]

    /// Each step in words: what was sent, and its replacement.
    var names: [(sent: String, restored: String)] {
        var names: [(sent: String, restored: String)] = []
        if contains(.lineEnds) { names.append(("line ends other than CR LF", "CR LF")) }
        if contains(.trailingBlanks) { names.append(("blanks at line ends", "none")) }
        if contains(.backslashes) { names.append(("doubled backslashes", "single ones")) }
        if contains(.blankLine) { names.append(("no blank second line", "a blank second line")) }
        if contains(.parityBits) { names.append(("bytes with a parity bit", "7-bit bytes")) }
        return names
    }
}
