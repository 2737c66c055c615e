// SPDX-License-Identifier: Apache-2.0
package import Adapters
import Harmonizer
import Machine

/// The report of `discover` for people.
package struct DiscoveryReport {
    package let findings: [Finding]
    private let notMeters: [(topics: String, messages: Int)]
    private let rejected: [(topic: String, reason: String, messages: Int)]
    private let frames: [(topic: String, kind: String, messages: Int)]
    private let unknown: [UnknownReader]
    private let isSilent: Bool

    package init(_ discovery: Discovery) {
        findings = discovery.findings
        notMeters = discovery.notMeters
        rejected = discovery.rejected
        frames = discovery.frames
        unknown = discovery.unknown
        isSilent = discovery.isSilent
    }

    package var text: String {
        var lines = findings.enumerated().flatMap { paragraph($0.element, number: $0.offset + 1) }
        if isSilent {
            lines.append(
                "No message came. Is the broker the one that the reader publishes to, and may this login read # there?")
        } else if findings.isEmpty {
            lines.append("No meter found in the messages that came.")
        }
        for (topic, kind, messages) in frames.prefix(20) {
            lines.append("frames: \(topic) (\(messages) messages): \(kind)")
        }
        for reader in unknown.prefix(5) { lines += skeleton(reader) }
        for (topic, reason, messages) in rejected.prefix(20) {
            lines.append("not understood: \(topic) (\(messages) messages): \(reason)")
        }
        if !notMeters.isEmpty {
            let more = notMeters.count > 12 ? ", …" : ""
            lines.append(
                "not meters, with the number of messages: "
                    + notMeters.prefix(12).map { "\($0.topics) \($0.messages)" }.joined(separator: ", ")
                    + more)
        }
        return lines.map(Terminal.escaped).joined(separator: "\n")
    }

    /// The lines for a reader that no adapter knows, with a draft of a mapping.
    private func skeleton(_ reader: UnknownReader) -> [String] {
        let more = reader.topics.count > 1 ? " (\(reader.topics.count) topics)" : ""
        return [
            "unknown reader: \(reader.subscribe)\(more). A mapping to begin with; each line is a guess, so compare it with the meter's display:"
        ] + reader.mapping.split(separator: "\n").map { "    \($0)" } + [
            "  Save it as reader.yaml beside bridge.yaml, and write sources: {reader: {adapter: json, mapping: reader.yaml, "
                + "subscribe: \(reader.subscribe)}}; docs/sources/json.md has every word."
        ]
    }

    private func paragraph(_ finding: Finding, number: Int) -> [String] {
        let labels = finding.needsLabels ? ", labels \(finding.labels ?? "?")" : ""
        var heading = "\(number) \(finding.subscribe[0])  \(finding.adapter)\(labels)  \(finding.verdict.rawValue)"
        if finding.isPlaceholder, let id = finding.id { heading += "; \(id) is a placeholder: add meter: NAME" }
        var lines = [heading]
        if !finding.reasons.isEmpty { lines.append("    " + finding.reasons.joined(separator: "; ")) }
        let facts = [
            finding.isPlaceholder ? nil : finding.id.map { "meter \($0)" }, ClockReport(finding)?.text,
        ].compactMap(\.self)
        if !facts.isEmpty { lines.append("    " + facts.joined(separator: "; ")) }
        let values = values(finding)
        if !values.isEmpty { lines.append("    compare with the meter's display: \(values)") }
        if !finding.unread.isEmpty {
            let more = finding.unread.count > 8 ? " and \(finding.unread.count - 8) more" : ""
            lines.append("    not read: \(finding.unread.prefix(8).joined(separator: ", "))\(more)")
        }
        if !finding.sameAs.isEmpty { lines.append("    looks like the same meter as \(Self.numbers(finding.sameAs))") }
        if let source = finding.coveredBy { lines.append("    the source \"\(source)\" reads it already") }
        return lines
    }

    /// The numbers of findings in the report: `1, 2 and 5`.
    static func numbers(_ positions: [Int]) -> String {
        let words = positions.map { "\($0 + 1)" }
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    /// The values to compare with the display, counters first: every display shows them, in kWh. Zero counters are left
    /// out.
    private func values(_ finding: Finding) -> String {
        let numbers = finding.observations.compactMap {
            observation -> (isCounter: Bool, number: ExactDecimal, text: String)? in
            guard case .number(let number) = observation.value else { return nil }
            let code = observation.obis.canonical
            guard let unit = observation.unit else { return (code.isCounter, number, "\(code) \(number)") }
            guard unit.dimension == .activeEnergy else { return (code.isCounter, number, "\(code) \(number) \(unit)") }
            let kilo = number.scaled(byPowerOfTen: unit.powerOfTen - 3)
            return (code.isCounter, kilo, "\(code) \(kilo) kWh")
        }
        let counters = numbers.filter { $0.isCounter && !$0.number.isZero }
        return (counters + numbers.filter { !$0.isCounter }).prefix(2).map(\.text).joined(separator: ", ")
    }
}
