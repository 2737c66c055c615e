// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Reads the telegrams of one meter, whole or in pieces.
struct P1Decoder: TelegramDecoder {
    private let policy: CRCPolicy
    private let keys: MeterKeys?
    private var assembler = P1Assembler()
    private var cipher = CipherAssembler()
    private var reader = P1TelegramReader()
    private var outcome = MessageOutcome()
    /// Repairs in the wrappers of the open telegram's pieces.
    private var wrapperRepairs: [Fix] = []

    init(policy: CRCPolicy, keys: MeterKeys? = nil) {
        self.policy = policy
        self.keys = keys
    }

    var openSince: Timestamp? { [assembler.openSince, cipher.openSince].compactMap(\.self).min() }

    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        outcome = MessageOutcome()
        if cipher.isOpen {
            if let verdict = P1Wrapper.availability(message.payload) { return verdict }
            decipher(message.payload, at: message.received, context)
        } else {
            switch P1Wrapper.unwrap(message.payload) {
            case .failure(let verdict): return verdict
            case .bare where !assembler.isOpen && Self.isOther(message): return .ignored(kind: "p1-other")
            case .bare: message.payload.withUnsafeBufferPointer { decode($0, at: message.received, context) }
            case .inner(let bytes, let repairs):
                bytes.withUnsafeBufferPointer { decode($0, at: message.received, context, repairs) }
            case .ciphered(let bytes, let isHexadecimal):
                cipher.open(at: message.received, isHexadecimal: isHexadecimal)
                decipher(bytes, at: message.received, context)
            }
        }
        return outcome.verdict(isOpen: openSince != nil, blank: "p1-blank")
    }

    mutating func abandon() -> Verdict? {
        guard openSince != nil else { return nil }
        outcome = MessageOutcome()
        if let remains = cipher.remains { outcome.reject(remains) }
        cipher.close()
        if assembler.openSince != nil { giveUp(DecodingContext()) }
        assembler.close()
        return outcome.verdict(isOpen: false, blank: "p1-blank")
    }

    /// True for a reader's other messages: its log, and words without a value in parentheses.
    private static func isOther(_ message: RawMessage) -> Bool {
        guard !message.payload.withUnsafeBufferPointer(beginsTelegram),
            message.payload.contains(where: { $0 > P1Framing.blank }), !message.payload.contains(UInt8(ascii: "!"))
        else { return false }
        return ReaderLog.isLog(message.topic) || !message.payload.contains(UInt8(ascii: "("))
    }

    /// Reads the encrypted frames that the piece completes.
    private mutating func decipher(_ piece: [UInt8], at now: Timestamp, _ context: DecodingContext) {
        guard cipher.append(piece) else { return rejectSize(at: 0) }
        let keys = keys
        var failures = 0
        while let result = cipher.next({ frame throws(Rejection) in try frame.opened(with: keys) }) {
            if case .failure = result { failures += 1 }
            // Limits the decryptions for bytes that imitate frame after frame.
            if failures > 16 { return cipher.close() }
            switch result {
            case .failure(let rejection): outcome.reject(rejection)
            case .success(let text) where text.first == 0x0F:
                // Austrian and Swiss meters push their lists this way; they contain no lines of text.
                outcome.reject(.shape, at: 0, "the decrypted frame holds DLMS data, not a P1 telegram")
            case .success(let text): text.withUnsafeBufferPointer { decode($0, at: now, context) }
            }
        }
    }

    private mutating func decode(
        _ piece: UnsafeBufferPointer<UInt8>, at now: Timestamp, _ context: DecodingContext, _ repairs: [Fix] = []
    ) {
        if !assembler.isOpen { wrapperRepairs = [] }
        for repair in repairs where !wrapperRepairs.contains(repair) { wrapperRepairs.append(repair) }
        if assembler.isOpen {
            if Self.beginsTelegram(piece) {
                giveUp(context)
                assembler.close()
                process(piece, at: now, context)
            } else if assembler.append(piece) {
                let whole = assembler.bytes
                whole.withUnsafeBufferPointer { process($0, at: now, context) }
            }
        } else {
            process(piece, at: now, context)
        }
    }

    /// Reads every telegram in the bytes; an incomplete one stays in the assembler.
    private mutating func process(
        _ bytes: UnsafeBufferPointer<UInt8>, at now: Timestamp, _ context: DecodingContext
    ) {
        var index = 0
        while true {
            switch P1Framing.next(in: bytes, from: index) {
            case .telegram(let frame):
                rejectHeadless()
                guard read(frame, in: bytes, context, isLast: false) else {
                    keepOpen(bytes, from: frame.bytes.lowerBound, at: now)
                    return
                }
                assembler.close()
                index = frame.end
            case .cut(let range):
                outcome.reject(.incomplete, at: range.lowerBound, "a new telegram begins before the line with !")
                assembler.close()
                index = range.upperBound
            case .headless(let range, let isEnded):
                if !isEnded, range.upperBound == bytes.count {
                    assembler.open(bytes, at: now, isHeadless: true)
                    return
                }
                outcome.reject(.incomplete, at: range.lowerBound, Self.headMissing)
                assembler.close()
                index = range.upperBound
            case .open(let head):
                rejectHeadless()
                keepOpen(bytes, from: head, at: now)
                return
            case .nothing:
                return
            }
        }
    }

    /// Reports the lines without a head before this telegram.
    private mutating func rejectHeadless() {
        guard assembler.isHeadless else { return }
        outcome.reject(.incomplete, at: nil, Self.headMissing)
        assembler.close()
    }

    /// Keeps an incomplete telegram, unless it is larger than any telegram.
    private mutating func keepOpen(_ bytes: UnsafeBufferPointer<UInt8>, from head: Int, at now: Timestamp) {
        guard bytes.count - head <= P1Framing.limit else {
            rejectSize(at: head)
            assembler.close()
            return
        }
        if head == 0, assembler.bytes.count == bytes.count { return }
        assembler.open(UnsafeBufferPointer(rebasing: bytes[head...]), at: now, isHeadless: false)
    }

    /// Reads or rejects the incomplete telegram.
    private mutating func giveUp(_ context: DecodingContext) {
        let remains = assembler.bytes
        remains.withUnsafeBufferPointer { bytes in
            if case .telegram(let frame) = P1Framing.next(in: bytes, from: 0) {
                _ = read(frame, in: bytes, context, isLast: true)
            } else if assembler.isHeadless {
                outcome.reject(.incomplete, at: nil, Self.headMissing)
            } else if !bytes.contains(UInt8(ascii: "(")) {
                // Ports that are not enabled yet, and those without 5 V on the request line, send only the head.
                outcome.reject(
                    .incomplete, at: bytes.count, "only the head of a telegram came: is the meter's port open?")
            } else {
                outcome.reject(.incomplete, at: bytes.count, "no line with ! after \(bytes.count) bytes")
            }
        }
    }

    /// Reads one telegram or rejects it; false when the rest of its CRC may still arrive.
    private mutating func read(
        _ frame: P1Frame, in bytes: UnsafeBufferPointer<UInt8>, _ context: DecodingContext, isLast: Bool
    ) -> Bool {
        let position = frame.bytes.lowerBound
        guard frame.bytes.count <= P1Framing.limit else {
            rejectSize(at: position)
            return true
        }
        let telegram = UnsafeBufferPointer(rebasing: bytes[frame.bytes])
        let mayContinue = !frame.isTerminated && !isLast
        // A chunk may end anywhere, so its `!` may not be the whole line, which without the CRC would pass unchecked. A
        // payload that began with the head, or a message per line, is not cut there.
        if mayContinue, assembler.isOpen, !assembler.isJoined { return false }
        guard let crc = frame.crc, policy != .off else {
            return readWithoutCRC(telegram, at: position, context, mayContinue: mayContinue && frame.crc == nil)
        }
        let found = CRC16.checksum(telegram)
        if found == crc, policy == .repair || !assembler.isJoined {
            let names = assembler.isJoined ? [Self.joined] : []
            accept(reader.read(telegram, keepsRaw: context.keepsRaw), names)
        } else if policy == .repair, let restored = P1Restoration(of: telegram, crc: crc) {
            restored.bytes.withUnsafeBufferPointer {
                let names = (assembler.isJoined ? [Self.joined] : []) + restored.steps.names
                accept(reader.read($0, keepsRaw: context.keepsRaw), names)
            }
        } else if mayContinue {
            return false
        } else {
            outcome.reject(.crc, at: position, "expected \(CRC16.text(crc)), found \(CRC16.text(found))")
        }
        return true
    }

    /// Reads a telegram of a dialect without a CRC, or whose CRC must not be checked.
    private mutating func readWithoutCRC(
        _ telegram: UnsafeBufferPointer<UInt8>, at position: Int, _ context: DecodingContext, mayContinue: Bool
    ) -> Bool {
        var content = P1TelegramReader.Content()
        var names: [(sent: String, restored: String)] = []
        if P1Parity.isEvenParity(telegram) {
            let restored = P1Restoration(of: telegram, by: .parityBits)
            names = restored.steps.names
            content = restored.bytes.withUnsafeBufferPointer { reader.read($0, keepsRaw: context.keepsRaw) }
        } else {
            content = reader.read(telegram, keepsRaw: context.keepsRaw)
        }
        if content.requiresCRC, policy != .off {
            if mayContinue { return false }
            outcome.reject(.incomplete, at: position, "no CRC after !, though this version of the telegram has one")
        } else if let fault = Self.fault(of: content, head: telegram), policy != .off {
            outcome.reject(.shape, at: position, fault)
        } else {
            accept(content, names)
        }
        return true
    }

    private mutating func accept(
        _ content: P1TelegramReader.Content, _ names: [(sent: String, restored: String)]
    ) {
        outcome.accept(content, names, wrapperRepairs)
    }

    /// Why a telegram without CRC protection is rejected; nil when it looks valid.
    ///
    /// In every dialect without a CRC a telegram begins with the letters of a manufacturer (IEC 62056-21, 6.3.2) and
    /// has more good lines than odd ones; anything else is noise between a `/` and a `!`.
    private static func fault(
        of content: P1TelegramReader.Content, head: UnsafeBufferPointer<UInt8>
    ) -> String? {
        // Upper or lower case, with or without a parity bit.
        let isLetter = { (byte: UInt8) in byte & 0x5F &- UInt8(ascii: "A") < 26 }
        guard head.count > 4, head[1...3].allSatisfy({ isLetter($0) || $0 == UInt8(ascii: "_") }) else {
            return "no CRC, and no identification in its first line"
        }
        let good = content.telegram.observations.count
        return content.remarks.count > good
            ? "no CRC, and more odd lines than good ones (\(content.remarks.count) of \(content.remarks.count + good))"
            : nil
    }

    private mutating func rejectSize(at position: Int) {
        outcome.reject(.tooLarge, at: position, "more than \(P1Framing.limit) bytes without the end of the telegram")
    }

    /// True when the first line of the piece is the head of a telegram.
    private static func beginsTelegram(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in piece where byte > P1Framing.blank && byte < 0x7F { return byte == P1Framing.slash }
        return false
    }

    private static let headMissing = "the head is missing: lines of a telegram without the one that starts with /"
    private static let joined = (sent: "lines without line ends", restored: "CR LF")
}
