// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer

/// What a reader was heard to publish: a line a message, `topic payload`; `#` a comment, `@+30` thirty seconds later, `!hex topic HEX`
/// bytes. The first comment of a file is the reader's name.
struct ReaderRecording: CustomTestStringConvertibleText {
    let name: String
    let title: String
    let messages: [RawMessage]
    var testDescription: String { name }

    static let start = Timestamp(seconds: 1_795_214_402)

    /// The recordings of the repository: one for each reader, with made-up numbers.
    static let own: [ReaderRecording] = {
        let tests = #filePath.split(separator: "/Tests/")[0]
        return all(in: "\(tests)/Tests/AdaptersTests/Recordings")
    }()

    /// Those of the corpus; empty where there is none.
    static let corpus: [ReaderRecording] =
        ProcessInfo.processInfo.environment["OBIS_CORPUS"].map {
            all(in: $0 + "/readers")
        } ?? []

    static func all(in folder: String) -> [ReaderRecording] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".txt")
        }
        return names.sorted().compactMap { name in
            (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).map {
                ReaderRecording(name: String(name.dropLast(4)), text: $0)
            }
        }
    }

    init(name: String, text: String) {
        self.name = name
        var title = name
        var now = Self.start
        var messages: [RawMessage] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                if messages.isEmpty, title == name { title = String(line.dropFirst(2)) }
            } else if line.hasPrefix("@+") {
                now += .seconds(Int64(line.dropFirst(2)) ?? 0)
            } else {
                let isBytes = line.hasPrefix("!hex ")
                let words = (isBytes ? line.dropFirst(5) : line).split(separator: " ", maxSplits: 1)
                let rest = words.count > 1 ? String(words[1]) : ""
                messages.append(
                    RawMessage(
                        topic: String(words[0]), payload: isBytes ? Self.bytes(rest) : Array(rest.utf8), received: now))
                now += .milliseconds(10)
            }
        }
        self.title = title
        self.messages = messages
    }

    private static func bytes(_ digits: String) -> [UInt8] {
        let values = digits.utf8.compactMap(\.hexadecimalDigit)
        return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// What `discover` makes of it, with nothing written by hand.
    var discovery: Discovery {
        var discovery = Discovery(placeholders: ["12345", "unknown"])
        for message in messages { discovery.hear(message) }
        return discovery
    }

    /// A row of the table in `docs/sources/README.md`.
    var row: String {
        let findings = discovery.findings
        let adapters = findings.map { "`\($0.adapter)`" }.reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let verdicts = findings.map(\.verdict.rawValue).reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let codes = Set(findings.flatMap(\.observations).map(\.obis.canonical))
        let hasID = !findings.isEmpty && findings.allSatisfy { $0.id != nil }
        let cells = [
            title, adapters.joined(separator: ", "),
            verdicts.isEmpty ? "no" : "yes, \(verdicts.joined(separator: ", "))",
            findings.contains(where: \.hasMain) ? "yes" : "no", Self.core(codes).joined(separator: ", "),
            hasID ? "yes" : "-",
        ]
        return "| " + cells.map { $0.isEmpty ? "-" : $0 }.joined(separator: " | ") + " |"
    }

    /// The core registers that can be had: sent, or the sum or difference of what is sent.
    static func core(_ codes: Set<OBISCode>) -> [String] {
        func has(_ c: UInt8, _ d: UInt8, _ e: UInt8 = 0) -> Bool { codes.contains(OBISCode(1, 0, c, d, e)) }
        func counts(_ c: UInt8) -> Bool { codes.contains { $0.a == 1 && $0.c == c && $0.d == 8 } }
        func phases(_ c: UInt8) -> Bool { has(c, 7) && has(c + 20, 7) && has(c + 40, 7) }
        func medium(_ a: UInt8) -> Bool { codes.contains { $0.a == a && $0.d < 4 && $0.c < 4 } }
        var names: [String] = []
        if has(16, 7) || has(1, 7) || phases(36) { names.append("power") }
        if counts(1) { names.append("energy_import") }
        if counts(2) { names.append("energy_export") }
        if phases(36) || phases(21) { names.append("phases") }
        if has(9, 7) { names.append("apparent power") }
        if medium(8) || medium(9) { names.append("water") }
        if medium(7) { names.append("gas") }
        if medium(6) { names.append("heat") }
        if codes.contains(where: { $0.a == 0 && $0.c == 24 && $0.d < 4 }) { names.append("sub-meters") }
        return names
    }
}
