// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

extension FramesDecoder {
    /// Reads one frame.
    mutating func read(_ unit: FrameUnit, at start: Int, _ bytes: [UInt8]) {
        switch unit {
        case .hdlc(let frame): read(frame, bytes)
        case .mbus(let frame): read(frame, bytes)
        case .wrapper(let frame): read(message: bytes, frame.message, cipher: nil)
        case .message(let end): readBare(bytes, start..<end)
        case .sml(let file):
            if file.hasEscapes {
                let plain = file.unescaped(bytes)
                read(sml: plain, 0..<plain.count, checksum: file.checksum)
            } else {
                read(sml: bytes, file.messages, checksum: file.checksum)
            }
        case .tic(let frame):
            guard let telegram = TICTelegram.telegram(frame, bytes) else {
                return outcome.reject(.crc, at: start, "a group holds a value that it cannot have")
            }
            outcome.accept(telegram)
        }
    }

    private mutating func readBare(_ bytes: [UInt8], _ range: Range<Int>) {
        let start = range.lowerBound + BareMessage.headSize(bytes)
        switch bytes[start] {
        case 1, 2: read(body: bytes, start..<range.upperBound, time: nil, cipher: nil)
        case 0x76: read(sml: bytes, start..<range.upperBound, checksum: nil)
        default: read(message: bytes, start..<range.upperBound, cipher: nil)
        }
    }

    // MARK: - Pieces

    private mutating func read(_ frame: HDLCFrame, _ bytes: [UInt8]) {
        var range = frame.information
        guard !range.isEmpty else { return }
        let isFirst =
            range.count > 3 && bytes[range.lowerBound] == 0xE6 && bytes[range.lowerBound + 2] == 0
            && bytes[range.lowerBound + 1] & 0xFE == 0xE6
        if isFirst {
            range = range.lowerBound + 3..<range.upperBound
            if segments.isOpen { reportGap("a segmented message") }
            segments.close()
            guard frame.isSegmented else { return read(message: bytes, range, cipher: nil) }
            take(segments.add(bytes[range], number: 0, isLast: false))
        } else if let number = segments.expected {
            take(segments.add(bytes[range], number: number, isLast: !frame.isSegmented))
        } else if !frame.isSegmented, [0x0F, 0xDB, 0xDC, 0xDD, 0xE0].contains(bytes[range.lowerBound]) {
            read(message: bytes, range, cipher: nil)
        } else {
            reportGap("a segmented message")
        }
    }

    private mutating func read(_ frame: MBusFrame, _ bytes: [UInt8]) {
        if frame.number == 0, pieces.isOpen { reportGap("a message in M-Bus pieces") }
        if frame.number == 0, frame.isLast {
            pieces.close()
            return read(message: bytes, frame.information, cipher: nil)
        }
        take(pieces.add(bytes[frame.information], number: frame.number, isLast: frame.isLast))
    }

    private mutating func read(_ block: TransferBlock, _ bytes: [UInt8]) {
        if block.number == 1, blocks.isOpen { reportGap("a block transfer") }
        take(blocks.add(bytes[block.piece], number: block.number, isLast: block.isLast))
    }

    private mutating func take(_ step: Reassembly.Step) {
        switch step {
        case .open: break
        case .whole(let message): read(message: message, 0..<message.count, cipher: nil)
        case .lost(let expected, let found):
            outcome.reject(.incomplete, "piece \(found) of a message came where piece \(expected) was due")
        case .tooLarge: outcome.reject(.tooLarge, "a message in pieces has more than \(Self.messageLimit) bytes")
        }
    }

    private mutating func reportGap(_ what: String) {
        outcome.reject(.incomplete, "\(what) lacks a piece")
    }

    // MARK: - Messages

    /// The encryption data of a message.
    struct Cipher {
        var title: [UInt8]
        /// The system title in hexadecimal.
        var titleText: String
        var number: UInt64
        var counter: UInt32
        var tag: UInt64
        var isAuthentic: Bool
    }

    /// Reads a DLMS message.
    mutating func read(message bytes: [UInt8], _ range: Range<Int>, cipher: Cipher?) {
        guard let first = range.first.map({ bytes[$0] }) else { return }
        switch first {
        case Notification.tag:
            guard case .frame(let head) = Notification.find(in: bytes, from: range.lowerBound),
                head.body < range.upperBound
            else { return outcome.reject(.shape, at: range.lowerBound, "a notification without a body") }
            read(
                body: bytes, head.body..<range.upperBound, time: head.time.isEmpty ? nil : head.time.lowerBound,
                cipher: cipher)
        case TransferBlock.tag where cipher == nil:
            guard case .frame(let block) = TransferBlock.find(in: bytes, from: range.lowerBound),
                block.range.upperBound <= range.upperBound
            else { return outcome.reject(.shape, at: range.lowerBound, "a block that is longer than its frame") }
            read(block, bytes)
        case 0xDB, 0xDC, 0xDD:
            guard cipher == nil else { return outcome.reject(.shape, "an encrypted message inside another one") }
            let message = range == 0..<bytes.count ? bytes : Array(bytes[range])
            guard case .frame(let frame) = CipheredFrame.find(in: message) else {
                return outcome.reject(
                    .shape, at: range.lowerBound, "an encrypted message that is longer than its frame")
            }
            decipher(frame)
        case P1Framing.slash:
            let text = Array(bytes[range])
            var telegram = arrival
            telegram.payload = text
            outcome.add(p1.decode(telegram, context: DecodingContext()))
        default: outcome.ignore("frames-other-message")
        }
    }

    private mutating func decipher(_ frame: CipheredFrame) {
        let keys = options.frameKeys.keys(of: frame.titleNumber) ?? options.keys
        do throws(Rejection) {
            let message = try frame.message(keys: keys, authentication: options.frameKeys.authentication)
            var tag: UInt64 = 0
            for byte in frame.tag.prefix(8) { tag = tag << 8 | UInt64(byte) }
            let cipher = Cipher(
                title: frame.title, titleText: frame.titleText, number: frame.titleNumber, counter: frame.invocation,
                tag: tag,
                isAuthentic: message.isAuthentic)
            record?.note(frame, isAuthentic: message.isAuthentic)
            read(message: message.content, 0..<message.content.count, cipher: cipher)
        } catch {
            outcome.reject(error)
        }
    }

    /// Reads the body of a message: the registers of a list.
    private mutating func read(body bytes: [UInt8], _ range: Range<Int>, time: Int?, cipher: Cipher?) {
        switch content.read(bytes, from: range.lowerBound, to: range.upperBound, leniency: matcher.leniency) {
        case .open:
            return outcome.reject(.shape, at: range.upperBound, "the list of values ends before its last one")
        case .malformed(let place):
            return outcome.reject(.shape, at: place, "no A-XDR value begins here")
        case .whole(let end):
            if end < range.upperBound { outcome.remark("\(range.upperBound - end) bytes behind the list of values") }
        }
        if keepsList { lastList = (content, bytes) }
        do throws(Rejection) {
            let (registers, list) = try matcher.registers(of: content, bytes, title: cipher?.title)
            lastName = list?.name
            record?.note(list: list)
            let identity = ListIdentity(content, bytes, list: list)
            var clock = content.clock
            if content.shape == .positional, let list {
                for (index, position) in list.positions.enumerated() where position == .clock {
                    guard index < content.values.count else { break }
                    let element = content.element(content.values[index])
                    if element.size == COSEMTime.size { clock = Int(element.start) }
                }
            }
            let telegramTime = (clock ?? time).flatMap { ListTime.time(bytes, $0, rule: list?.clock ?? .asSent) }
            var telegram = Telegram(
                id: identity.id.map { RawID($0) }, time: telegramTime, clock: telegramTime == nil ? .source : .meter,
                observations: registers, submeters: identity.submeters, model: identity.model)
            try judge(cipher, time: telegramTime)
            if let cipher, cipher.isAuthentic {
                telegram.memory = invocations.memory(of: cipher.number).map {
                    SenderMemory(sender: cipher.titleText, text: $0)
                }
            }
            if telegram.observations.isEmpty { return outcome.ignore("frames-no-registers") }
            lastBody = (Self.checksum(bytes, range), arrival.received)
            outcome.accept(telegram)
        } catch {
            outcome.reject(error)
        }
    }

    /// Checks the counter of an encrypted message.
    ///
    /// - Throws: `telegram.replay`.
    private mutating func judge(_ cipher: Cipher?, time: RawTime?) throws(Rejection) {
        guard let cipher else { return }
        if !invocations.knows(cipher.number), let memory = memories[cipher.titleText] {
            invocations.restore(cipher.number, from: memory)
        }
        guard cipher.isAuthentic else {
            if invocations.isProven(cipher.number), options.frameKeys.authentication == .required {
                throw Rejection(
                    .encrypted,
                    "the frame of the meter with the system title \(cipher.titleText) has no tag, though earlier ones had: it "
                        + "was changed or made up, or the meter begins anew: obis-bridge accept METER")
            }
            let fell = invocations.fell(title: cipher.number, counter: cipher.counter)
            if tagless.insert(cipher.number).inserted {
                outcome.remark(
                    "the frames of this meter have no tag that could be checked: nothing proves that they are its own")
            } else if fell {
                outcome.remark("the counter of a frame without a tag fell to \(cipher.counter)")
            }
            return
        }
        let judgement = invocations.judge(
            title: cipher.number, counter: cipher.counter, tag: cipher.tag, time: time?.seconds,
            isRedelivered: arrival.isRedelivered)
        if case .replay(let last) = judgement {
            throw Rejection(
                .replay,
                "a frame with the counter \(cipher.counter) after one with \(last): it was sent before, by the meter or by "
                    + "somebody else; after new keys or a reset of the meter: obis-bridge accept METER")
        }
    }

    // MARK: - Repetitions

    /// True for the body of the frame just read: readers in debug mode send it a second time.
    func isRepeatedBody(_ bytes: [UInt8]) -> Bool {
        guard let lastBody, bytes.first == 1 || bytes.first == 2,
            arrival.received - lastBody.received <= Self.repetition
        else { return false }
        return lastBody.checksum == Self.checksum(bytes, 0..<bytes.count)
    }

    private static func checksum(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        return hash
    }
}

extension RawTime {
    /// Seconds of the clock as displayed: two times of one meter can be compared.
    fileprivate var seconds: Int64? {
        switch self {
        case .instant(let instant): instant.seconds
        case .local(let wall): wall.instant(offset: 0).seconds
        case .seasonal(let wall, let isSummer): wall.instant(offset: isSummer ? 3600 : 0).seconds
        case .invalid: nil
        }
    }
}
