// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

/// Reads the CSV file of `meters_file:` into the same form as `meters:`, so that one reader checks both and reports a
/// mistake with its line and column.
struct MetersFile {
    let problems: ProblemList
    let path: String

    private static let columns = ["id", "ids", "name", "zone", "ct", "max_power", "demand", "role", "tariffs"]
    /// The maximum size in bytes: a file of a million meters has some 60 MB.
    private static let limit = 128 << 20

    /// The meters as YAML; nil when the file cannot be read.
    ///
    /// - Parameter place: the place in the configuration that names the file.
    func read(at place: SourceMark) -> YAMLNode? {
        let bytes: Data
        do throws(BoundedFile.Fault) { bytes = try BoundedFile.read(file: path, limit: Self.limit) } catch {
            problems.error(place, error.sentence(path, limit: Self.limit))
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.error(place, "\(path) is no UTF-8")
            return nil
        }
        var rows = CommaSeparatedValues(text).makeIterator()
        let start = mark(1, 1)
        guard let heading = rows.next() else {
            problems.error(start, "the first line names the columns: \(Self.columns.joined(separator: ","))")
            return nil
        }
        let names = heading.map { Self.name($0.text) }
        for (name, field) in zip(names, heading) where !Self.columns.contains(name) {
            problems.error(
                mark(field.line, field.column),
                "unknown column \"\(field.text)\"" + NearestWord.hint(name, in: Self.columns))
        }
        guard names.contains("id") else {
            problems.error(start, "there is no column \"id\", the meter's id in the topics")
            return nil
        }
        var members: [YAMLNode.Member] = []
        while let row = rows.next() {
            if let member = member(row, names) { members.append(member) }
        }
        return YAMLNode(.mapping(members), at: start)
    }

    /// The canonical name of a column: `raw ids`, `Raw_IDs` and `ids` are the same column.
    private static func name(_ text: String) -> String {
        let word = text.lowercased().replacing(" ", with: "_")
        return word == "raw_ids" || word == "raw_id" ? "ids" : word
    }

    private func member(_ row: [CommaSeparatedValues.Field], _ names: [String]) -> YAMLNode.Member? {
        // Skips a blank line, or one with separators only, which spreadsheets leave at the end.
        guard let first = row.first, row.contains(where: { !$0.text.isEmpty }) else { return nil }
        guard row.count <= names.count else {
            let excess = row[names.count]
            problems.error(
                mark(excess.line, excess.column), "\(row.count) fields, more than the \(names.count) columns")
            return nil
        }
        var key: CommaSeparatedValues.Field?
        var members: [YAMLNode.Member] = []
        // An unknown column was reported once, in the heading.
        for (name, field) in zip(names, row) where !field.text.isEmpty && Self.columns.contains(name) {
            let place = mark(field.line, field.column)
            switch name {
            case "id": key = field
            case "ids":
                let ids = field.text.split { $0 == " " || $0 == ";" || $0 == "|" }
                    .map { YAMLNode(.scalar(String($0), isPlain: false), at: place) }
                members.append(
                    YAMLNode.Member(key: name, keyMark: place, value: YAMLNode(.sequence(ids), at: place)))
            default:
                let value = YAMLNode(.scalar(field.text, isPlain: false), at: place)
                members.append(YAMLNode.Member(key: name, keyMark: place, value: value))
            }
        }
        guard let key else {
            problems.error(mark(first.line, first.column), "a meter without \"id\"")
            return nil
        }
        let place = mark(key.line, key.column)
        return YAMLNode.Member(key: key.text, keyMark: place, value: YAMLNode(.mapping(members), at: place))
    }

    private func mark(_ line: Int, _ column: Int) -> SourceMark { SourceMark(file: path, line: line, column: column) }
}
