// SPDX-License-Identifier: Apache-2.0
public import Harmonizer
internal import Wire

/// What the frames of one device say about themselves, for a test of the meter: in which frames they come, which table reads their lists, how
/// they are encrypted, and which of them are missing by their counter.
public struct FrameRecord: Sendable {
    /// The frames of a meter that encrypts.
    public struct Cipher: Sendable {
        /// The security suite, 0 to 2.
        public var suite: UInt8
        /// Frames that a tag proves.
        public var authentic = 0
        /// Frames that nothing proves.
        public var unproven = 0
        /// The counters in the order of their arrival.
        fileprivate var counters: [UInt32] = []

        /// Frames that are missing by the counter: steps larger than the usual one.
        public var missing: Int {
            let steps = zip(counters, counters.dropFirst()).compactMap { $1 > $0 ? Int($1 - $0) : nil }
            guard steps.count >= 3 else { return 0 }
            let usual = steps.sorted()[steps.count / 2]
            return steps.reduce(0) { $0 + max(0, ($1 + usual / 2) / usual - 1) }
        }
    }

    /// Frames by kind: `hdlc`, `mbus`, `wrapper`, `sml`, `tic`, and `message` for those without an envelope.
    public private(set) var kinds: [String: Int] = [:]
    /// Lists by the name of the table that reads them.
    public private(set) var lists: [String: Int] = [:]
    /// Lists that say themselves what their values are.
    public private(set) var describedLists = 0
    /// By system title.
    public private(set) var ciphers: [String: Cipher] = [:]
    private var decoder: (any TelegramDecoder)?
    /// A sender may invent titles, and no test takes longer than some days.
    private static let most = (titles: 16, counters: 100_000)

    /// Nil for the adapter of another format.
    public init?(adapter: any Adapter) {
        guard let adapter = adapter as? FramesAdapter else { return nil }
        var decoder = FramesDecoder(options: adapter.options)
        decoder.record = FrameRecord()
        self.decoder = decoder
    }

    private init() {}

    /// Hears a message of the device.
    public mutating func hear(_ message: RawMessage) {
        guard var decoder = decoder as? FramesDecoder else { return }
        self.decoder = nil
        _ = decoder.decode(message, context: DecodingContext())
        if let record = decoder.record {
            (kinds, lists, describedLists, ciphers) =
                (record.kinds, record.lists, record.describedLists, record.ciphers)
        }
        self.decoder = decoder
    }

    mutating func note(_ kind: FrameKind) { kinds[kind.rawValue, default: 0] += 1 }

    mutating func note(list: PushList?) {
        if let list { lists[list.name, default: 0] += 1 } else { describedLists += 1 }
    }

    mutating func note(_ frame: CipheredFrame, isAuthentic: Bool) {
        let title = frame.titleText
        guard ciphers[title] != nil || ciphers.count < Self.most.titles else { return }
        var cipher = ciphers[title] ?? Cipher(suite: frame.suite)
        if isAuthentic { cipher.authentic += 1 } else { cipher.unproven += 1 }
        if cipher.counters.count < Self.most.counters { cipher.counters.append(frame.invocation) }
        ciphers[title] = cipher
    }
}
