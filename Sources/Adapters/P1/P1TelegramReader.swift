// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Reads the lines of one telegram: `OBIS(group)(group)…`, in any dialect.
///
/// The dialect is detected from the telegram and never configured, and an odd line only leads to a remark about that
/// line: a strict reader loses whole telegrams of every second meter in the field. Only allocated memory and line heads
/// are kept between two telegrams.
struct P1TelegramReader: Sendable {
    /// The contents of one telegram.
    struct Content: Sendable {
        var telegram = Telegram()
        var remarks: [Remark] = []
        /// True when the version requires a CRC in this telegram: without one it was cut.
        var requiresCRC = false
    }

    var observations: [Observation] = []
    /// The codes of `observations`, dense, to find a duplicate quickly.
    var codes: [OBISCode] = []
    /// A filter for codes that may be among them.
    private var seen = OBISSieve()
    /// The beginnings of the last telegram's lines, by line number: a meter sends the same codes in the same order.
    private var heads: [P1LineHead] = []
    private var lineNumber = 0
    /// The groups of the current line, without their parentheses.
    var groups: [Range<Int>] = []
    var channels: [P1Channel] = []
    var clock = P1Clock()
    var identity = P1Identity()
    var remarks: [Remark] = []
    var requiresCRC = false
    /// True when the telegram contains a version of eMUCS: Belgium.
    var isBelgian = false
    private var keepsRaw = false
    private var line = 0..<0

    /// Reads a telegram from its `/` to its `!`.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, keepsRaw: Bool) -> Content {
        reset(keepsRaw: keepsRaw)
        var index = P1Framing.lineEnd(in: bytes, from: 0)
        let header = 1..<max(1, index)
        while true {
            while index < bytes.count, bytes[index] <= P1Framing.blank || bytes[index] > 0x7E { index += 1 }
            if index >= bytes.count - 1 { break }
            readLine(bytes, &index)
        }
        settleChannels()
        var telegram = Telegram(
            observations: observations, submeters: submeters, model: P1Identity.model(bytes, header))
        telegram.id = identity.id(in: bytes)
        telegram.time = clock.time
        if telegram.time != nil { telegram.clock = .meter }
        return Content(telegram: telegram, remarks: remarks, requiresCRC: requiresCRC)
    }

    private mutating func reset(keepsRaw: Bool) {
        self.keepsRaw = keepsRaw
        observations = []
        observations.reserveCapacity(max(codes.count, 8))
        codes.removeAll(keepingCapacity: true)
        seen = OBISSieve()
        lineNumber = 0
        channels.removeAll(keepingCapacity: true)
        remarks.removeAll()
        clock = P1Clock()
        identity = P1Identity()
        requiresCRC = false
        isBelgian = false
    }

    /// Reads one line, and the lines after it that start with `(` and so belong to it (gas of DSMR 2.2); leaves `index`
    /// at their end.
    private mutating func readLine(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
        let start = index
        let known = knownCode(bytes, at: start)
        if let known {
            index += known.length
        } else {
            while index < bytes.count, bytes[index] != Self.open, !Self.isLineEnd(bytes[index]) { index += 1 }
        }
        let codeEnd = index
        groups.removeAll(keepingCapacity: true)
        let isWellFormed = readGroups(bytes, &index)
        if !isWellFormed { index = P1Framing.lineEnd(in: bytes, from: index) }
        line = start..<min(index, bytes.count)
        guard let code = known?.code ?? newCode(bytes, start..<codeEnd),
            isWellFormed || encloseText(bytes, code: code, from: codeEnd)
        else {
            remarkLine(bytes)
            return
        }
        add(code, bytes)
    }

    private mutating func knownCode(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> P1LineHead? {
        let number = lineNumber
        lineNumber += 1
        guard number < heads.count, heads[number].stands(in: bytes, at: start) else { return nil }
        return heads[number]
    }

    private mutating func newCode(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> OBISCode? {
        guard let code = OBISCode(bytes: P1Text.trimmed(UnsafeBufferPointer(rebasing: bytes[range]))) else {
            return nil
        }
        let number = lineNumber - 1
        if let head = P1LineHead(code, bytes, range), number < P1LineHead.limit {
            while heads.count <= number { heads.append(head) }
            heads[number] = head
        }
        return code
    }

    /// Collects the groups; false when one is not closed, one opens within another, or there is text outside them.
    private mutating func readGroups(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Bool {
        while index < bytes.count, bytes[index] == Self.open {
            index += 1
            let start = index
            while index < bytes.count {
                let byte = bytes[index]
                // Checks both parentheses at once, and control characters: few bytes need more checks.
                if byte &- Self.open <= 1 || byte < P1Framing.blank {
                    if byte == Self.close { break }
                    if byte == Self.open || Self.isLineEnd(byte) { return false }
                }
                index &+= 1
            }
            guard index < bytes.count else { return false }
            groups.append(start..<index)
            index += 1
            var next = index
            while next < bytes.count, bytes[next] <= P1Framing.blank { next += 1 }
            if next < bytes.count, bytes[next] == Self.open {
                index = next
            } else if bytes[index..<next].allSatisfy({ !Self.isLineEnd($0) }), next < bytes.count - 1 {
                return false
            } else {
                return true
            }
        }
        return false
    }

    /// Handles a text with parentheses of its own (`1-0:0.2.0((ER11))`): the outermost ones count.
    private mutating func encloseText(_ bytes: UnsafeBufferPointer<UInt8>, code: OBISCode, from start: Int) -> Bool {
        guard Self.isText(code), start < line.upperBound, bytes[start] == Self.open else { return false }
        var end = line.upperBound
        while end > start + 1, bytes[end - 1] <= P1Framing.blank { end -= 1 }
        guard end > start + 1, bytes[end - 1] == Self.close else { return false }
        groups = [(start + 1)..<(end - 1)]
        return true
    }

    /// The bytes of a group of the current line.
    func group(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[groups[index]])
    }

    /// Adds a register. Of a duplicate code (Polish meters send 0-0:17.0.0 three times) the first is kept.
    mutating func append(
        _ code: OBISCode, _ value: RawValue, unit: Unit? = nil, time: RawTime? = nil,
        _ bytes: UnsafeBufferPointer<UInt8>
    ) {
        guard isFirst(code) else { return }
        let raw = keepsRaw ? String(decoding: bytes[line], as: UTF8.self) : nil
        observations.append(Observation(code, value, unit: unit, time: time, raw: raw))
    }

    /// The same for a number without a time of its own, as in nearly every line.
    mutating func append(_ code: OBISCode, _ number: ExactDecimal, unit: Unit?, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard !keepsRaw else { return append(code, .number(number), unit: unit, time: nil, bytes) }
        guard isFirst(code) else { return }
        observations.append(Observation(code, number: number, unit: unit))
    }

    private mutating func isFirst(_ code: OBISCode) -> Bool {
        // The electricity channel is removed later, which would make 1-0 and 1-1 of one register duplicates.
        let key = code.canonical
        if seen.insert(key), codes.contains(key) {
            remark("\(code) more than once, the first is kept")
            return false
        }
        codes.append(key)
        return true
    }

    /// Reports the current line as malformed, shortened to a readable length.
    mutating func remarkLine(_ bytes: UnsafeBufferPointer<UInt8>) {
        remark(String(decoding: bytes[line].prefix(60), as: UTF8.self))
    }

    /// Reports a problem with one line; at most 32 per telegram.
    mutating func remark(_ text: String) {
        if remarks.count < 32 { remarks.append(.malformed(text)) }
    }

    static func isLineEnd(_ byte: UInt8) -> Bool { byte == P1Framing.lineFeed || byte == P1Framing.carriageReturn }

    private static let open = UInt8(ascii: "(")
    private static let close = UInt8(ascii: ")")
}

/// The code at the beginning of a line of the last telegram, with the `(` after it.
struct P1LineHead: Sendable {
    /// Maximum number of remembered lines.
    static let limit = 128

    let code: OBISCode
    /// Number of bytes before the `(`.
    let length: Int
    private let words: SIMD2<UInt64>
    private let masks: SIMD2<UInt64>

    /// nil for a code that is too long to remember, or has no `(` after it.
    init?(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard range.count < 16, range.lowerBound + 16 <= bytes.count, bytes[range.upperBound] == UInt8(ascii: "(")
        else { return nil }
        (self.code, length) = (code, range.count)
        let bits = UInt64(8 * (range.count + 1))
        masks = SIMD2(bits >= 64 ? .max : (1 << bits) - 1, bits <= 64 ? 0 : .max >> (128 - bits))
        words = Self.words(bytes, range.lowerBound) & masks
    }

    /// True when the bytes at `start` are this beginning.
    func stands(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard start + 16 <= bytes.count else { return false }
        return Self.words(bytes, start) & masks == words
    }

    private static func words(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> SIMD2<UInt64> {
        SIMD2(littleEndian(bytes, start), littleEndian(bytes, start + 8))
    }

    private static func littleEndian(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: start, as: UInt64.self))
    }
}
