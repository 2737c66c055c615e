// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

/// Every telegram of the corpus against what its index says of it.
@Suite(.enabled(if: !P1Corpus.entries.isEmpty)) struct P1CorpusTests {
    @Test(arguments: P1Corpus.entries) func `a telegram gets the verdict that its index names`(entry: P1Corpus.Entry) {
        let verdict = Self.verdict(entry.bytes)
        switch entry.crc {
        case "valid": #expect(verdict.telegrams.count == 1)
        case "wrong" where entry.notes.contains("valid after restoring CRLF"):
            #expect(verdict.telegrams.map { $0.repairs.map(\.rule) } == [[.telegramRestored]])
        case "wrong": #expect(verdict.reason == .crc)
        default:
            // Without a CRC: whole only where the dialect has none and the last line is there.
            let requiresCRC = entry.lines.contains {
                $0.hasPrefix("1-3:0.2.8(4") || $0.hasPrefix("1-3:0.2.8(5") || $0.hasPrefix("0-0:96.1.4(")
            }
            let text = String(decoding: entry.bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            let isWhole = text.first?.hasPrefix("/") == true && text.contains { $0.hasPrefix("!") }
            #expect(verdict.reason == (requiresCRC || !isWhole ? .incomplete : nil))
        }
    }

    @Test(arguments: P1Corpus.entries) func `no line of a telegram that is read is lost`(entry: P1Corpus.Entry) {
        guard case .telegrams(let telegrams, let rejected, let remarks) = Self.verdict(entry.bytes) else { return }
        var codes: [OBISCode: Int] = [:]
        for observation in telegrams.flatMap(\.observations) { codes[observation.obis, default: 0] += 1 }
        var lost: [String] = []
        for line in entry.lines where !Self.isWithoutRegister(line) {
            guard let code = OBISCode(String(line.prefix { $0 != "(" })), codes[code, default: 0] > 0 else {
                lost.append(line)
                continue
            }
            codes[code, default: 0] -= 1
        }
        // What is not published is said: the second of two lines with one code, a record without its value.
        let explained = lost.filter { line in
            (remarks.map { "\($0)" } + rejected.map(\.detail)).contains {
                $0.contains(String(line.prefix { $0 != "(" }))
            }
        }
        #expect(lost == explained)
        #expect(codes.allSatisfy { $0.value == 0 })
    }

    @Test(arguments: P1Corpus.entries) func `a telegram reads the same whole and in pieces`(entry: P1Corpus.Entry) {
        let whole = Self.verdict(entry.bytes).telegrams
        for size in [7, 64, 255] {
            var decoder = P1Decoder(policy: .repair)
            var telegrams: [Telegram] = []
            var start = 0
            while start < entry.bytes.count {
                let end = min(start + size, entry.bytes.count)
                telegrams += decoder.decode(Array(entry.bytes[start..<end])).telegrams
                start = end
            }
            telegrams += decoder.abandon()?.telegrams ?? []
            #expect(telegrams.map(\.observations) == whole.map(\.observations), "\(size)")
        }
    }

    /// Lines that are no register: identification, device types, the clock, continuations, nothing said, and what a slot
    /// without a device says.
    private static func isWithoutRegister(_ line: String) -> Bool {
        let code = line.prefix { $0 != "(" }
        let content = line.dropFirst(code.count)
        let admin = ["0-0:1.0.0", "0-0:1.1.0", "1-3:0.2.8", "0-0:42.0.0", "1-0:0.0.0", "1-0:0.0.0*255"]
        if code.isEmpty || admin.contains(String(code)) || code.contains(":96.1.") || code.hasSuffix(":24.1.0") {
            return true
        }
        if content == "()" { return true }
        guard code.contains(":24.2.") || code.contains(":24.3.0") else { return false }
        let isUnset = ["(6325", "(7001", "(000101000000W"].contains { content.hasPrefix($0) } || content == "(0)"
        return isUnset && !content.dropFirst(14).prefix { $0 != "*" }.contains { ("1"..."9").contains($0) }
    }

    private static func verdict(_ bytes: [UInt8]) -> Verdict {
        var decoder = P1Decoder(policy: .repair)
        let verdict = decoder.decode(bytes)
        return verdict == .fragment ? decoder.abandon() ?? verdict : verdict
    }
}
