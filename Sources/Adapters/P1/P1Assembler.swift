// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The bytes of an incomplete telegram, from the `/`.
///
/// A reader may send a telegram whole, in chunks cut anywhere (a serial buffer), or line by line with or without the
/// line ends (Tasmota's serial bridge). Chunks are joined unchanged; a piece that begins where only a line can begin
/// gets the line end that its predecessor lost.
struct P1Assembler: Sendable, Equatable {
    /// The bytes so far; empty when only lines without a head arrived.
    private(set) var bytes: [UInt8] = []
    /// When the first piece arrived; nil when nothing is open.
    private(set) var openSince: Timestamp?
    /// True when line ends were inserted between pieces.
    private(set) var isJoined = false
    /// True when only lines without a head arrived, or the rest of a telegram that was given up: nothing that can be
    /// read.
    private(set) var isHeadless = false

    /// True when a telegram with a head is open.
    var isOpen: Bool { !bytes.isEmpty }

    /// Starts with a head, or with lines without one.
    mutating func open(_ piece: UnsafeBufferPointer<UInt8>, at now: Timestamp, isHeadless: Bool) {
        bytes = isHeadless ? [] : Array(piece)
        openSince = openSince ?? now
        self.isHeadless = isHeadless
    }

    /// Forgets the open telegram.
    mutating func close() { self = P1Assembler() }

    /// Adds a piece. False when it cannot end the telegram, so that no new search is needed.
    mutating func append(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        let awaitsCRC = endsWithinCRC
        if piece.isEmpty {
            // An empty message is a line without its line end: the blank second line.
            if !endsLine { appendLineEnd() }
            appendLineEnd()
        } else if beginsLine(piece) {
            appendLineEnd()
        }
        bytes.append(contentsOf: piece)
        return awaitsCRC || piece.contains(P1Framing.bang) || bytes.count > P1Framing.limit
    }

    private mutating func appendLineEnd() {
        bytes += [P1Framing.carriageReturn, P1Framing.lineFeed]
        isJoined = true
    }

    private var endsLine: Bool { bytes.last == P1Framing.lineFeed || bytes.last == P1Framing.carriageReturn }

    /// True when the last line is `!`, possibly with part of the CRC.
    private var endsWithinCRC: Bool { bytes.suffix(5).contains(P1Framing.bang) }

    /// True when the open telegram ends where a line can end, but without a line end, and the piece begins like a line:
    /// with `!` or `A-B:`.
    private func beginsLine(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !endsLine, bytes.last == UInt8(ascii: ")") || !bytes.contains(where: P1TelegramReader.isLineEnd)
        else { return false }
        if piece[0] == P1Framing.bang { return true }
        var index = 0
        for separator in [UInt8(ascii: "-"), UInt8(ascii: ":")] {
            let start = index
            while index < piece.count, piece[index] &- UInt8(ascii: "0") <= 9 { index += 1 }
            guard index > start, index < piece.count, piece[index] == separator else { return false }
            index += 1
        }
        return true
    }
}
