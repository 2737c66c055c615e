// SPDX-License-Identifier: Apache-2.0
public import Harmonizer
internal import Wire

/// Facts about the frames of one device, for a test of the meter: the kinds of frames, the table that reads their
/// lists, the encryption, and the frames that are missing by their counter.
public struct FrameRecord: Sendable {
    /// The frames of a meter that encrypts.
    public struct Cipher: Sendable {
        /// The security suite, 0 to 2.
        public var suite: UInt8
        /// Frames authenticated by a tag.
        public var authentic = 0
        /// Frames without authentication.
        public var unproven = 0
        /// The counters in the order of their arrival.
        fileprivate var counters: [UInt32] = []

        /// Frames missing by the counter: steps larger than the usual one.
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
    /// Lists that describe their own values.
    public private(set) var describedLists = 0
    /// The encryption by system title.
    public private(set) var ciphers: [String: Cipher] = [:]
    private var decoder: (any TelegramDecoder)?
    /// Limits: a sender may invent titles, and no test takes longer than some days.
    private static let most = (titles: 16, counters: 100_000)

    /// nil for the adapter of another format.
    public init?(adapter: any Adapter) {
        guard let adapter = adapter as? FramesAdapter else { return nil }
        var decoder = FramesDecoder(options: adapter.options)
        decoder.record = FrameRecord()
        self.decoder = decoder
    }

    private init() {}

    /// Takes a message of the device.
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
