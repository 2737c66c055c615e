// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import Testing

/// The frames of `OBIS_CORPUS/frames` with what their index says of them.
enum FramesCorpus {
    /// One row of the index.
    struct Entry: Sendable, CustomTestStringConvertible {
        var fields: [String: String]
        var bytes: [UInt8]

        var name: String { self["name"] }
        var testDescription: String { name }
        /// What must come of it: `ok`, `crc`, `encrypted` …
        var expect: String { self["expect"] }
        /// True for those that must give exactly the registers of the index.
        var isVerified: Bool {
            expect == "ok"
                && ["verified", "values by oracle", "tree by oracle"].contains { self["grade"].hasPrefix($0) }
        }
        /// True when nothing protects its bytes: neither a frame with a checksum nor a tag.
        var isUnprotected: Bool {
            ["raw", "wrapper"].contains(self["link"]) && !["30", "10", "30 DD", "30 DC"].contains(self["encrypted"])
                || ["carrier-ams-body", "carrier-tasmota-block"].contains(name)
        }

        /// True for a capture that is one frame of HDLC, M-Bus or SML.
        var isOneFrame: Bool {
            guard isVerified, let first = bytes.first, let last = bytes.last else { return false }
            switch first {
            case 0x7E: return last == 0x7E && bytes.count == 2 + (Int(bytes[1] & 7) << 8 | Int(bytes[2]))
            case 0x68: return last == 0x16 && bytes.count == 6 + Int(bytes[1])
            case 0x1B:
                let begin: [UInt8] = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1]
                return bytes.starts(with: begin)
                    && (1...bytes.count - 8).allSatisfy { !bytes[$0...].starts(with: begin) }
            default: return false
            }
        }

        /// True for a message with a tag and an authentication key, alone.
        var isSealedMessage: Bool {
            isVerified || expect == "ok"
                ? [0xDB, 0xDC, 0xDD].contains(bytes.first) && self["encrypted"].hasPrefix("3") && !self["auth"].isEmpty
                : false
        }

        subscript(column: String) -> String { fields[column] ?? "" }

        /// Keys and the list as a user would configure them.
        var options: AdapterOptions {
            var options = AdapterOptions()
            let authentication = self["auth"]
            options.keys =
                self["key"].isEmpty
                ? nil
                : try? MeterKeys(
                    decryption: self["key"], authentication: authentication.isEmpty ? nil : authentication)
            options.lists = FramesCorpus.lists[name].flatMap { PushList.shipped(named: $0) }.map { [$0] }
            return options
        }
    }

    /// The frames of which nothing in them says what their numbers mean, so that a user has to.
    static let lists = [
        "kamstrup-se-list3-wh": "kamstrup-se", "kamstrup-dk-ct-33": "as-sent",
        "lg-zmf100-hdlc-swapped": "embriq-swapped",
        "compact-array-apdu": "as-sent",
    ]

    static let entries: [Entry] = {
        guard let folder = ProcessInfo.processInfo.environment["OBIS_CORPUS"].map({ $0 + "/frames" }),
            let index = try? String(contentsOfFile: folder + "/INDEX.tsv", encoding: .utf8)
        else { return [] }
        let lines = index.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        guard let head = lines.first else { return [] }
        return lines.dropFirst().compactMap { line in
            let fields = Dictionary(uniqueKeysWithValues: zip(head.map(String.init), line.map(String.init)))
            guard let name = fields["name"],
                let text = try? String(contentsOfFile: "\(folder)/\(name).hex", encoding: .utf8)
            else { return nil }
            return Entry(fields: fields, bytes: bytes(text))
        }
    }()

    private static func bytes(_ text: String) -> [UInt8] {
        let digits = text.utf8.compactMap(\.hexadecimalDigit)
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

/// A decoder with its messages second by second.
struct FramesRun {
    private(set) var decoder: any TelegramDecoder
    private var seconds: Int64 = 1_795_217_228
    private(set) var verdicts: [Verdict] = []

    init(_ options: AdapterOptions = AdapterOptions()) { decoder = FramesAdapter(options: options).makeDecoder() }

    @discardableResult
    mutating func take(_ payload: some Sequence<UInt8>, isRedelivered: Bool = false, after pause: Int64 = 1) -> Verdict
    {
        var message = RawMessage(
            topic: "meter/raw", payload: Array(payload), received: Timestamp(seconds: seconds))
        message.isRedelivered = isRedelivered
        seconds += pause
        let verdict = decoder.decode(message, context: DecodingContext())
        verdicts.append(verdict)
        return verdict
    }

    mutating func finish() { if let verdict = decoder.abandon() { verdicts.append(verdict) } }

    var telegrams: [Telegram] {
        verdicts.flatMap { verdict in
            if case .telegrams(let telegrams, _, _) = verdict { return telegrams }
            return []
        }
    }

    var rejections: [Rejection] {
        verdicts.compactMap { verdict in
            if case .rejected(let rejection) = verdict { return rejection }
            return nil
        }
    }

    /// What was rejected beside a telegram too.
    var reasons: [String] {
        verdicts.flatMap { verdict -> [String] in
            switch verdict {
            case .rejected(let rejection): return [rejection.reason.rawValue]
            case .telegrams(_, let rejected, _): return rejected.map(\.reason.rawValue)
            default: return []
            }
        }
    }

    /// What there was to say about the telegrams that were read.
    var remarks: [String] {
        verdicts.flatMap { verdict -> [String] in
            if case .telegrams(_, _, let remarks) = verdict { remarks.map { "\($0)" } } else { [] }
        }
    }

    /// Everything in one message.
    static func whole(_ bytes: [UInt8], _ options: AdapterOptions = AdapterOptions()) -> FramesRun {
        var run = FramesRun(options)
        run.take(bytes)
        run.finish()
        return run
    }
}
