// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// Reads the frames of one meter, whole or in pieces, in any wrapping.
struct FramesDecoder: TelegramDecoder {
    var unwrapper = PayloadUnwrapper()
    /// nil until the first whole frame.
    private(set) var kind: FrameKind?
    /// Bytes that are not used yet: the beginning of a frame.
    private var buffer: [UInt8] = []
    /// Pieces of messages.
    var segments = Reassembly(first: 0, limit: FramesDecoder.messageLimit)
    var pieces = Reassembly(first: 0, limit: FramesDecoder.messageLimit)
    var blocks = Reassembly(first: 1, limit: FramesDecoder.messageLimit)
    /// The arrival of the first piece of an incomplete message.
    private(set) var openSince: Timestamp?
    var outcome = MessageOutcome()
    /// True when there are too few bytes to recognise a kind.
    private var isBrief = false
    /// Consecutive messages without a frame: the source may have changed.
    private var fruitless = 0

    let options: FrameOptions
    var content = ListContent()
    var sml = SMLReader()
    var matcher: ListMatcher
    var invocations = InvocationGuard()
    var p1: P1Decoder
    /// The checksum of the last body, and its arrival: some readers send it a second time without its frame.
    var lastBody: (checksum: UInt64, received: Timestamp)?
    /// Stored memories of meters from earlier runs, by system title.
    private(set) var memories: [String: String] = [:]
    /// System titles already reported as sending frames without a tag.
    var tagless: Set<UInt64> = []
    /// True when the caller wants to see the lists themselves.
    var keepsList = false
    /// The last list of values, and the name of its table.
    var lastList: (content: ListContent, bytes: [UInt8])?
    var lastName: String?
    /// Facts about the frames; nil unless requested.
    var record: FrameRecord?
    /// The current message.
    var arrival = RawMessage(topic: "", payload: [], received: Timestamp(seconds: 0))

    /// The maximum size of a message or an SML file, far above any meter's.
    static let messageLimit = 16_384
    /// The time limit for a message in pieces: at 2400 Bd the pieces take 3 s, and over MQTT each may be a message.
    static let patience = TimeSpan.seconds(10)
    /// A body within this time after its frame is a repetition.
    static let repetition = TimeSpan.seconds(2)

    init(options: FrameOptions) {
        self.options = options
        matcher = ListMatcher(chosen: options.lists)
        p1 = P1Decoder(policy: options.crc)
    }

    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        outcome = MessageOutcome()
        if openSince == nil, let verdict = P1Wrapper.availability(message.payload) { return verdict }
        if let since = openSince, message.received - since > Self.patience { giveUp() }
        arrival = message
        memories = context.memories
        // A second reference to the memories would make the pipeline copy them when it changes them.
        defer { memories = [:] }
        isBrief = false
        switch unwrapper.unwrap(message.payload) {
        case .foreign: outcome.ignore("frames-other-json")
        case .open: isBrief = true
        case .more(let bytes): take(bytes, context)
        case .all(let bytes):
            forgetPieces()
            take(bytes, context)
        }
        arrival.payload = []
        note(received: message.received)
        return outcome.verdict(isOpen: openSince != nil, blank: "frames-blank")
    }

    mutating func abandon() -> Verdict? {
        guard openSince != nil else { return nil }
        outcome = MessageOutcome()
        giveUp()
        return outcome.verdict(isOpen: false, blank: "frames-blank")
    }

    mutating func forget(sender: String) {
        guard let title = UInt64(sender, radix: 16) else { return }
        invocations.forget(title)
    }

    // MARK: - Bytes

    private mutating func take(_ bytes: [UInt8], _ context: DecodingContext) {
        if kind == .p1 { return passToP1(bytes, context) }
        if buffer.isEmpty || buffer == [HDLCFrame.flag], isRepeatedBody(bytes) {
            return outcome.ignore("frames-repeated")
        }
        if kind == nil, beginsTelegram(bytes) {
            decide(.p1)
            return passToP1(bytes, context)
        }
        if kind == .message, !buffer.isEmpty, case .frame = BareMessage.find(in: bytes, &content, &sml) {
            // The open message never ends: a whole one begins here.
            reportLost()
        }
        buffer += bytes
        scan()
        guard outcome.isEmpty, buffer.isEmpty else { return }
        isBrief = kind == nil && bytes.count < Self.brief
        if !isBrief, !hasPieces { reportNothing(bytes) }
    }

    /// Reads all frames in the buffer and keeps an incomplete one.
    private mutating func scan() {
        let bytes = buffer
        buffer = []
        var index = 0
        var skipped = 0
        var isDamaged = false
        while index < bytes.count {
            switch find(in: bytes, at: index) {
            case .frame(let unit):
                fruitless = 0
                record?.note(unit.kind)
                decide(unit.kind)
                read(unit, at: index, bytes)
                index = unit.end
                continue
            case .damaged:
                if !isDamaged {
                    outcome.reject(.crc, at: index, "the checksum of the frame that begins here does not match")
                }
                isDamaged = true
            case .open(let total):
                guard let next = nextWhole(in: bytes, after: index) else {
                    if bytes.count - index > Self.messageLimit + 64 { return rejectSize() }
                    buffer = index == 0 ? bytes : Array(bytes[index...])
                    if DamagedText.isLikely(buffer) { rejectText() }
                    return
                }
                outcome.reject(
                    .incomplete, at: index,
                    "a frame\(total.map { " of \($0) bytes" } ?? "") ends after \(next - index) bytes")
                index = next
                continue
            case .nothing: break
            }
            skipped += 1
            index += 1
        }
        if outcome.isEmpty, DamagedText.isLikely(bytes) { rejectText() }
    }

    /// Finds a frame at a position, of the decided kind or of any.
    private mutating func find(in bytes: [UInt8], at index: Int) -> Found<FrameUnit> {
        if index == 0, kind == nil || kind == .message {
            // A message without a frame must consist of all bytes in the buffer.
            let found = BareMessage.find(in: bytes, &content, &sml)
            if case .frame(let end) = found { return .frame(.message(end: end)) }
            if case .open = found, kind == .message || !Self.beginsFrame(bytes) { return .open(total: nil) }
        }
        switch bytes[index] {
        case HDLCFrame.flag where kind == nil || kind == .hdlc:
            return Self.map(HDLCFrame.find(in: bytes, from: index)) { .hdlc($0) }
        case MBusFrame.start where kind == nil || kind == .mbus:
            return Self.map(MBusFrame.find(in: bytes, from: index)) { .mbus($0) }
        case 0x1B where kind == nil || kind == .sml:
            return Self.map(SMLFile.find(in: bytes, from: index, limit: Self.messageLimit)) { .sml($0) }
        case TICFrame.start where kind == nil || kind == .tic, TICFrame.start | 0x80 where kind == nil || kind == .tic:
            return Self.map(TICFrame.find(in: bytes, from: index)) { .tic($0) }
        case 0 where kind == .wrapper || (kind == nil && index == 0):
            return Self.map(WrapperFrame.find(in: bytes, from: index, limit: Self.messageLimit)) { .wrapper($0) }
        default: return .nothing
        }
    }

    /// The position of the next whole frame after an incomplete one, which then never ends.
    private mutating func nextWhole(in bytes: [UInt8], after index: Int) -> Int? {
        guard index + 1 < bytes.count, kind != .message, kind != .wrapper else { return nil }
        for place in index + 1..<bytes.count {
            switch bytes[place] {
            case HDLCFrame.flag, MBusFrame.start, 0x1B, TICFrame.start, TICFrame.start | 0x80:
                if case .frame(let unit) = find(in: bytes, at: place), unit.kind != .message { return place }
            default: continue
            }
        }
        return nil
    }

    private static func map<Frame>(_ found: Found<Frame>, _ make: (Frame) -> FrameUnit) -> Found<FrameUnit> {
        switch found {
        case .frame(let frame): .frame(make(frame))
        case .open(let total): .open(total: total)
        case .damaged: .damaged
        case .nothing: .nothing
        }
    }

    /// True for bytes that may begin a frame with checks.
    private static func beginsFrame(_ bytes: [UInt8]) -> Bool {
        [HDLCFrame.flag, MBusFrame.start, 0x1B].contains(bytes.first)
            || (bytes.first == TICFrame.start && (bytes.count < 2 || bytes[1] == 0x0A))
    }

    // MARK: - State

    private mutating func decide(_ found: FrameKind) {
        kind = found
        unwrapper.decide()
    }

    /// Updates whether something is incomplete.
    private mutating func note(received: Timestamp) {
        // A single flag may have closed the last frame.
        let isWaiting = !buffer.isEmpty && (kind == nil || buffer != [HDLCFrame.flag])
        let isUndecided = unwrapper.isOpen && (kind != nil || isBrief || isWaiting)
        if isWaiting || hasPieces || p1.openSince != nil || isUndecided {
            openSince = openSince ?? received
        } else {
            openSince = nil
            if kind == nil { unwrapper.reset(isUndecided: true) }
        }
    }

    private var hasPieces: Bool { segments.isOpen || pieces.isOpen || blocks.isOpen }

    private mutating func forgetPieces() {
        buffer = []
        segments.close()
        pieces.close()
        blocks.close()
    }

    private mutating func giveUp() {
        if p1.openSince != nil, let verdict = p1.abandon() { outcome.add(verdict) }
        reportLost()
        openSince = nil
        noteFruitless()
        unwrapper.reset(isUndecided: kind == nil)
    }

    /// Reports the incomplete message, with the number of its bytes.
    private mutating func reportLost() {
        if hasPieces {
            let count = segments.count + pieces.count + blocks.count
            outcome.reject(.incomplete, "a message in pieces ends after \(count) bytes: the next piece did not come")
        } else if !buffer.isEmpty, buffer != [HDLCFrame.flag] {
            outcome.reject(.incomplete, at: buffer.count, "a frame ends after \(buffer.count) bytes")
        }
        forgetPieces()
    }

    private mutating func rejectSize() {
        outcome.reject(.tooLarge, "more than \(Self.messageLimit) bytes without the end of the frame")
        forgetPieces()
        unwrapper.reset(isUndecided: kind == nil)
    }

    private mutating func rejectText() {
        outcome.reject(
            .damagedText,
            "a program on the way took these bytes for text and replaced some of them: they cannot be put right; let it pass "
                + "bytes, or hexadecimal")
        forgetPieces()
        unwrapper.reset(isUndecided: kind == nil)
    }

    /// Reports a message without a frame.
    private mutating func reportNothing(_ bytes: [UInt8]) {
        if bytes.allSatisfy({ $0 <= 0x20 || $0 == HDLCFrame.flag }) { return }
        var detail =
            kind.map { "no \($0.rawValue) frame in \(bytes.count) bytes" }
            ?? "none of the known frames in \(bytes.count) bytes"
        if bytes.count > 32, bytes.contains(where: { $0 > 0x7E }) {
            detail += "; from a serial line: are baud and parity those of the meter?"
        }
        outcome.reject(.shape, detail)
        noteFruitless()
        unwrapper.reset(isUndecided: kind == nil)
    }

    /// Counts a message without a result: after enough of them the source may send another kind.
    private mutating func noteFruitless() {
        fruitless += 1
        guard fruitless >= Self.patienceOfKind else { return }
        kind = nil
        fruitless = 0
    }

    /// Fewer bytes than any frame.
    private static let brief = 16
    /// Consecutive messages without a frame after which the kind is undecided again.
    private static let patienceOfKind = 16

    /// True for a payload with a whole frame, or with a readable message without a frame.
    static func recognises(_ payload: [UInt8]) -> Bool {
        var decoder = FramesDecoder(options: FrameOptions())
        let message = RawMessage(topic: "", payload: payload, received: Timestamp(seconds: 0))
        let verdict = decoder.decode(message, context: DecodingContext())
        switch (decoder.kind, verdict) {
        case (nil, _), (.p1, _): return false
        case (.message, .telegrams): return true
        case (.message, .rejected(let rejection)): return rejection.reason == .encrypted
        case (.message, _): return false
        default: return true
        }
    }

    // MARK: - P1

    private func beginsTelegram(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 4, bytes[0] == P1Framing.slash else { return false }
        return bytes[1...3].allSatisfy { $0 & 0x5F &- UInt8(ascii: "A") < 26 }
    }

    private mutating func passToP1(_ bytes: [UInt8], _ context: DecodingContext) {
        var message = arrival
        message.payload = bytes
        let verdict = p1.decode(message, context: context)
        switch verdict {
        case .telegrams: fruitless = 0
        // Four bytes of another format may look like the beginning of a telegram.
        case .rejected: noteFruitless()
        case .fragment, .ignored, .availability: break
        }
        outcome.add(verdict)
    }
}
