// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import History

/// Reads `history:`: `on`, or a mapping with `file`, `retention` and `raw`. Without it no history is kept.
struct HistorySettingsReader {
    let problems: ProblemList
    let files: FileFinder
    let environment: [String: String]

    /// The default file name.
    private static let fileName = "history.db"

    /// - Parameters:
    ///   - zone: the zone of the configuration; nil for the host's.
    ///   - meters: the meters; one with its own zone has days in that zone.
    func read(_ node: YAMLNode?, zone: Zone?, zones: ZoneReader, meters: [MeterEntry]) -> HistoryWriter.Settings? {
        guard let node, !node.isNull else { return nil }
        var map: YAMLReader
        if case .scalar(let text, _) = node.content {
            switch text.lowercased() {
            case "true", "yes", "on": map = YAMLReader(nil, what: "\"history\"", at: node.mark, problems: problems)
            case "false", "no", "off": return nil
            default:
                problems.error(
                    node.mark,
                    "\"history\" is on, off, or a mapping with file, retention and raw, not \"\(text)\"")
                return nil
            }
        } else {
            map = YAMLReader(node, what: "\"history\"", at: node.mark, problems: problems)
        }
        let home = zone ?? zones.host(environment, at: node.mark) ?? .utc
        var settings = HistoryWriter.Settings(
            path: files.place(map.text("file") ?? Self.fileName), zone: home,
            zones: Dictionary(meters.compactMap { meter in meter.zone.map { (MeterID.level(given: meter.id), $0) } }) {
                first, _ in first
            })
        settings.retention = retention(&map) ?? settings.retention
        if settings.retention == Self.forEver { settings.retention = nil }
        settings.raw = raw(&map) ?? settings.raw
        map.finish(synonyms: [
            "path": "file", "database": "file", "keep": "retention", "days": "retention", "months": "retention",
            "window": "raw", "readings": "raw",
        ])
        return settings
    }

    private static let forEver = TimeSpan.max

    /// The value of `retention`; nil when it is missing or invalid.
    private func retention(_ map: inout YAMLReader) -> TimeSpan? {
        guard let node = map.node("retention"), let text = map.text("retention") else { return nil }
        if text == "forever" { return Self.forEver }
        guard let span = Self.span(text), span >= .days(1) else {
            problems.error(
                node.mark,
                "\"retention\" is a number of months, years or days (25mo, 2y, 90d), or forever, not \"\(text)\"")
            return nil
        }
        return span
    }

    /// The value of `raw`; nil when it is missing or invalid.
    private func raw(_ map: inout YAMLReader) -> TimeSpan? {
        guard let node = map.node("raw"), let text = map.text("raw") else { return nil }
        if ["off", "no", "false"].contains(text.lowercased()) { return .zero }
        guard let span = TimeSpan(text), span == .zero || span >= .seconds(1), span <= .days(366) else {
            problems.error(
                node.mark,
                "\"raw\" is how long single readings are kept (7d, 12h), from 1s to 366d, or off, not \"\(text)\"")
            return nil
        }
        return span
    }

    /// The span of `25mo`, `2y`, `90d`; a month is the twelfth part of a year.
    static func span(_ text: String) -> TimeSpan? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 10_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "mo": return .seconds(number * 2_629_746)
        case "y": return .seconds(number * 31_556_952)
        case "d": return .days(number)
        default: return nil
        }
    }
}
