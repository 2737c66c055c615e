// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import Machine

/// Shows each raw message with its reading, and at the end the repairs.
final class DemoPrinter: Sendable {
    private struct Raw {
        var first: RawMessage
        var count: Int
    }

    private struct Tally {
        var readings = 0
        var meters: Set<String> = []
        /// By rule.
        var repairs: [String: Int] = [:]
    }

    /// The raw messages since the last reading, by topic without its last level, which groups those of one telegram.
    private let pending = Locked<[String: Raw]>([:])
    private let tally = Locked(Tally())
    private let isColoured = Terminal.isColoured(STDOUT_FILENO)
    private let failure = Locked<StandardStream.Fault?>(nil)

    /// Why standard output cannot be written; nil while it can.
    var fault: StandardStream.Fault? { failure.withLock { $0 } }
    private let columns = Terminal.size(STDOUT_FILENO).columns
    private let text: ReadingText

    init(profile: Profile) { text = ReadingText(profile: profile) }

    func show(_ raw: RawMessage?, _ publications: [Publication]) {
        if let raw { note(raw) }
        for publication in publications where publication.topic.hasSuffix("/reading") { show(publication) }
    }

    private func note(_ raw: RawMessage) {
        pending.withLock { pending in
            pending[Self.group(raw.topic), default: Raw(first: raw, count: 0)].count += 1
        }
    }

    private static func group(_ topic: String) -> String {
        topic.lastIndex(of: "/").map { String(topic[..<$0]) } ?? topic
    }

    private func show(_ publication: Publication) {
        guard let root = try? JSONDocument.parse(publication.payload).root,
            let reading = text.lines(publication)
        else { return }
        let topic = root["source"]?["topic"]?.text ?? ""
        tally.withLock { tally in
            tally.readings += 1
            tally.meters.insert(publication.topic)
            for fix in root["fixes"]?.elements.compactMap({ $0.value["rule"]?.text }) ?? [] {
                tally.repairs[fix, default: 0] += 1
            }
        }
        var lines: [String] = []
        if let raw = pending.withLock({ $0.removeValue(forKey: Self.group(topic)) }) {
            let payload = Terminal.escaped(String(decoding: raw.first.payload, as: UTF8.self))
            let more = raw.count > 1 ? "  and \(raw.count - 1) more like it" : ""
            let room = max(20, columns - 12 - more.count)
            let line = "\(Terminal.escaped(raw.first.topic))  \(payload)"
            let shown = line.count > room ? line.prefix(room - 1) + "…" : line[...]
            lines.append("\(dim("raw         "))\(shown)\(dim(more))")
        }
        do throws(StandardStream.Fault) {
            try StandardOutput.print((lines + reading).joined(separator: "\n") + "\n")
        } catch {
            failure.withLock { $0 = error }
        }
    }

    /// Prints a summary, and the commands to type next.
    ///
    /// - Parameter command: the command that called this program: `obis-bridge`, `Scripts/run`.
    func end(command: String) throws {
        let tally = tally.withLock { $0 }
        let repairs = tally.repairs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        try StandardOutput.print(
            """
            \(Count.text(tally.readings, "reading")) of \(Count.text(tally.meters.count, "meter")). \
            \(repairs.isEmpty ? "Nothing had to be repaired." : "Repaired: \(repairs.joined(separator: ", ")) (docs/fixes.md).")

            Next, with your own broker:
              \(command) discover       what your readers send, as the sources to write
              \(command) setup          asks for the broker and writes bridge.yaml
              \(command) run            runs the bridge
            """)
    }

    private func dim(_ text: String) -> String { isColoured ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
}
