// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

/// A `reading` or a `reject` as lines for people: registers with their names, and the repairs.
struct ReadingText {
    /// The profile with the names of registers.
    let profile: Profile
    /// The width of the terminal.
    var columns = Terminal.size(STDOUT_FILENO).columns
    var isColoured = Terminal.isColoured(STDOUT_FILENO)

    /// The lines of a publication; nil for one that is neither reading nor reject.
    func lines(_ publication: Publication) -> [String]? {
        guard let root = try? JSONDocument.parse(publication.payload).root else { return nil }
        if publication.topic.hasSuffix("/reading") { return reading(root, on: publication.topic) }
        if publication.topic.hasSuffix("/reject") { return reject(root) }
        return nil
    }

    private func reading(_ root: JSONValue, on topic: String) -> [String] {
        var lines = ["\(bold("harmonised"))  \(Terminal.escaped(topic))"]
        let time = root["time"]?.text ?? ""
        lines.append("            \(Terminal.escaped(time))")
        lines += grid(root["registers"]?.members.map { register($0.key.string, $0.value) } ?? [])
        lines += root["fixes"]?.elements.map { fix($0.value) } ?? []
        return lines
    }

    private func reject(_ root: JSONValue) -> [String] {
        let place = root["position"].map { ", at byte \($0.literal.string)" } ?? ""
        let reason = root["reason"]?.text ?? ""
        let detail = root["detail"]?.text.map { ": \($0)" } ?? ""
        return ["\(bold("rejected"))    " + Terminal.escaped(reason + detail + place)]
    }

    /// `1-0:1.7.0 power_import 412 W`.
    private func register(_ code: String, _ value: JSONValue) -> String {
        let alias = OBISCode(code).flatMap { profile.register($0)?.alias }
        let unit = value["unit"]?.text.flatMap { $0 == "1" ? nil : $0 }
        let number = value["value"]?.literal.string ?? "…"
        return [code, alias.flatMap { $0.hasPrefix("{") ? nil : $0 }, number, unit].compactMap(\.self)
            .map(Terminal.escaped).joined(separator: " ")
    }

    /// `repaired    time.missing meter: 12345 -> aew-1`; a fix that doubts a value begins with `doubted`.
    private func fix(_ fix: JSONValue) -> String {
        let isDoubt = fix["level"]?.text == "doubt"
        let fields = fix["fields"]?.elements.compactMap(\.value.text).prefix(4).joined(separator: ", ") ?? ""
        let original = fix["original"].map { $0.literal.string } ?? ""
        let result = fix["with"].map { $0.literal.string } ?? fix["action"]?.text ?? ""
        let rule = fix["rule"]?.text ?? ""
        let change = original.isEmpty ? result : "\(original) -> \(result)"
        let text = Terminal.escaped("\(rule)\(fields.isEmpty ? "" : " \(fields)"): \(change)")
        return "            \(bold(isDoubt ? "doubted " : "repaired"))    \(text)"
    }

    /// As many cells side by side as fit, row by row.
    private func grid(_ cells: [String]) -> [String] {
        let width = (cells.map(\.count).max() ?? 0) + 3
        let count = max(1, (columns - 12 + 3) / width)
        return stride(from: 0, to: cells.count, by: count).map { start in
            let row = cells[start..<min(start + count, cells.count)]
            let padded = row.dropLast().map { $0 + String(repeating: " ", count: width - $0.count) }
            return "            " + padded.joined() + (row.last ?? "")
        }
    }

    private func bold(_ text: String) -> String { isColoured ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
}
