// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT

/// Shows each raw message with the reading it became.
final class DemoPrinter: Sendable {
    private struct Raw {
        var first: RawMessage
        var count: Int
    }

    /// The raw messages since the last reading, by topic without its last level: those of one telegram together.
    private let pending = Locked<[String: Raw]>([:])
    private let isColoured = Terminal.isColoured(STDOUT_FILENO)
    private let failure = Locked<StandardStream.Fault?>(nil)

    /// Why nothing more can be shown; nil while it can.
    var fault: StandardStream.Fault? { failure.withLock { $0 } }

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
        guard let reading = try? JSONDecoder().decode(Shown.self, from: Data(publication.payload)) else { return }
        let raw = pending.withLock { $0.removeValue(forKey: Self.group(reading.source.topic)) }
        let registers = Self.registers(of: publication.payload)
        var lines: [String] = []
        if let raw {
            let text = Terminal.escaped(String(decoding: raw.first.payload, as: UTF8.self))
            let more = raw.count > 1 ? dim("  and \(raw.count - 1) more like it") : ""
            lines.append("\(dim("raw       "))  \(Terminal.escaped(raw.first.topic))  \(text)\(more)")
        }
        lines.append("\(bold("harmonised"))  \(publication.topic)")
        lines.append("            \(reading.time)  \(registers.joined(separator: ", "))")
        for fix in reading.fixes {
            let original = fix.original.map { " " + Terminal.escaped($0) } ?? ""
            lines.append(
                "            \(bold("repaired"))    \(fix.rule)\(original) -> \(Terminal.escaped(fix.with ?? fix.action))"
            )
        }
        do throws(StandardStream.Fault) {
            try StandardOutput.print(lines.joined(separator: "\n") + "\n")
        } catch {
            failure.withLock { $0 = error }
        }
    }

    /// `1-0:1.7.0 42 W`, in the order of the payload, which a decoder would lose, with the digits of the payload.
    private static func registers(of payload: [UInt8]) -> [String] {
        guard let root = try? JSONDocument.parse(payload).root, let registers = root["registers"] else { return [] }
        return registers.members.map { member in
            let value = Terminal.escaped(member.value["value"]?.literal.string ?? "…")
            let unit = member.value["unit"]?.text.map { " " + Terminal.escaped($0) } ?? ""
            return "\(Terminal.escaped(member.key.string)) \(value)\(unit)"
        }
    }

    private func dim(_ text: String) -> String { isColoured ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
    private func bold(_ text: String) -> String { isColoured ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

    private struct Shown: Decodable {
        struct Source: Decodable { var topic: String }
        struct Repair: Decodable {
            var rule: String
            var action: String
            var original: String?
            var with: String?
        }
        var time: String
        var source: Source
        var fixes: [Repair]
    }
}
