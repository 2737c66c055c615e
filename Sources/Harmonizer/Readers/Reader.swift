// SPDX-License-Identifier: Apache-2.0

/// The memory about the messages of one device: a reader, or one of the ids that a reader publishes.
struct Reader: Sendable {
    var device: Router.Device
    var decoder: any TelegramDecoder
    /// What is known about its clock.
    var clock = ClockWatch()
    /// When its last message arrived, and the last that was not queued anywhere.
    private(set) var last: (any: Timestamp, live: Timestamp?) = (Timestamp(seconds: 0), nil)
    /// The dictionary that its decoder guessed, for the `info` of a meter that may not be known yet.
    @Rare private(set) var labels: Translation? = nil
    /// The last message of the telegram that its decoder has open, for the reject when the rest never comes.
    @Rare private var openOrigin: Origin? = nil
    /// The telegram that is arriving in several messages.
    @Rare private(set) var group: OpenGroup? = nil
    /// The known lists, which tell when the group is complete.
    private var lists = TelegramLists()
    /// Telegrams that wait for a message with the meter's id, with the first one's arrival.
    private(set) var waiting: [Sent] = []
    /// The remarks of its decoder before the meter was known.
    private var remarks: [Remark] = []
    /// How many of its malformed lines were reported: a reader that sends noise must not fill the log.
    private var malformedReported = 0

    /// A telegram with where it came from.
    struct Sent: Sendable {
        var telegram: Telegram
        var origin: Origin
    }

    /// Malformed lines that are reported one by one.
    private static let malformedLimit = 10
    /// Remarks that wait for the meter.
    private static let remarksLimit = 100

    init(_ device: Router.Device, decoder: any TelegramDecoder, clock: ClockWatch) {
        self.device = device
        self.decoder = decoder
        self.clock = clock
    }

    // MARK: - Messages

    /// Decodes a message.
    mutating func read(_ message: RawMessage, origin: Origin, context: DecodingContext) -> Verdict {
        last.any = message.received
        if !origin.arrival.isRetained, !origin.arrival.isQueued { last.live = message.received }
        let limit = context.limits.payload
        let verdict: Verdict =
            message.payload.count > limit
            ? .rejected(Rejection(.tooLarge, "\(message.payload.count) bytes, more than \(limit)"))
            : decoder.decode(message, context: context)
        if decoder.openSince != nil {
            openOrigin = origin.shortened
        } else if openOrigin != nil {
            openOrigin = nil
        }
        return verdict
    }

    /// Gives up on a telegram whose rest did not come; nil while there is time, or when nothing is open.
    mutating func abandon(at now: Timestamp, isForced: Bool, _ groups: GroupSettings) -> (Verdict, Origin?)? {
        guard let deadline = telegramDeadline(groups), isForced || deadline <= now, let verdict = decoder.abandon()
        else {
            return nil
        }
        defer { openOrigin = nil }
        var origin = openOrigin
        origin?.arrival.received = now
        return (verdict, origin)
    }

    /// Replaces the decoder.
    mutating func change(to decoder: any TelegramDecoder) {
        self.decoder = decoder
        labels = nil
        openOrigin = nil
    }

    // MARK: - Telegrams in several messages

    /// Ends the telegram that is arriving when `next` does not belong to it.
    mutating func endGroup(before next: Telegram, limit: Int) -> Sent? {
        guard let group, !next.isPart || !group.accepts(next, limit: limit) else { return nil }
        return endGroup()
    }

    /// Takes in a part.
    ///
    /// - Returns: the telegram, when this part completes it.
    mutating func add(_ part: Telegram, origin: Origin) -> Sent? {
        if group == nil {
            group = OpenGroup(part, origin: origin.shortened)
        } else {
            group?.add(part, received: origin.received)
        }
        guard let group, lists.isComplete(group.registers) else { return nil }
        return endGroup()
    }

    /// Ends the telegram that has been quiet or open for too long; nil while there is time.
    mutating func endGroup(at now: Timestamp, isForced: Bool, _ groups: GroupSettings) -> Sent? {
        guard let group, isForced || group.deadline(groups) <= now else { return nil }
        return endGroup(isCut: group.lastArrival + groups.quiet > now)
    }

    private mutating func endGroup(isCut: Bool = false) -> Sent? {
        guard let ended = group else { return nil }
        group = nil
        var telegram = ended.telegram
        // A meter may alternate between lists of registers, so a short telegram is only partial when it was cut off.
        let missing = isCut ? lists.missing(from: ended.registers) : []
        if missing.isEmpty {
            lists.learn(ended.registers, time: telegram.time)
        } else {
            let fields = missing.sorted().map(\.canonical.description)
            telegram.repairs.append(Fix(.telegramPartial, fields: fields, action: .flag))
        }
        return Sent(telegram: telegram, origin: ended.origin)
    }

    // MARK: - Waiting for the meter's id

    /// Lets a telegram wait for a message that carries the meter's id; false when too many wait.
    mutating func hold(_ sent: Sent) -> Bool {
        guard waiting.count < Limits.waitingMessages else { return false }
        waiting.append(Sent(telegram: sent.telegram, origin: sent.origin.shortened))
        return true
    }

    mutating func takeWaiting() -> [Sent] {
        defer { waiting = [] }
        return waiting
    }

    // MARK: - Deadlines

    /// True while something is held back.
    var isOpen: Bool { group != nil || !waiting.isEmpty || decoder.openSince != nil }

    /// True while a waiting telegram may tell which meter this is.
    var isUndecided: Bool { group != nil || !waiting.isEmpty }

    /// When something that is held back must be released.
    func deadline(_ groups: GroupSettings) -> Timestamp? {
        [
            group?.deadline(groups), waiting.first.map { $0.origin.received + groups.identity },
            telegramDeadline(groups),
        ].compactMap(\.self).min()
    }

    /// A telegram in pieces may take a while, line by line, as long as they keep coming.
    private func telegramDeadline(_ groups: GroupSettings) -> Timestamp? {
        decoder.openSince.map { min(last.any + groups.limit, $0 + groups.limit * 5) }
    }

    // MARK: - Remarks

    /// Keeps a guessed dictionary until the meter whose `info` must name it is known.
    mutating func learnLabels(_ remarks: [Remark]) {
        for case .guessedLabels(let name, _, _) in remarks { labels = .labels(name, guessed: true) }
    }

    /// Takes in the remarks of the decoder, which may have to wait until their meter is known.
    mutating func note(_ remarks: [Remark]) {
        self.remarks += remarks.prefix(max(0, Self.remarksLimit - self.remarks.count))
    }

    var hasRemarks: Bool { !remarks.isEmpty }

    /// Reports the waiting remarks.
    ///
    /// - Parameters:
    ///   - subject: the meter, or the source where no meter is known.
    ///   - place: where the source is declared.
    mutating func sayRemarks(subject: String, place: String?, _ journal: inout Journal) {
        let said = remarks
        remarks = []
        let place = place.map { " at \($0)" } ?? ""
        for remark in said {
            switch remark {
            case .unknownLabel: journal.counters.unknownLabels += 1
            case .malformed(let text):
                journal.counters.malformed += 1
                malformedReported += 1
                guard malformedReported <= Self.malformedLimit else { continue }
                if malformedReported == Self.malformedLimit {
                    journal.say(.lastMalformed(text, subject: subject))
                    continue
                }
            default: break
            }
            journal.say(.remark(remark, subject: subject, place: place))
        }
    }
}
