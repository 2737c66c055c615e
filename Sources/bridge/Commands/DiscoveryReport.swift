// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// What `discover` tells: a report for people and the YAML to paste.
struct DiscoveryReport {
    let findings: [Finding]
    private let notMeters: [(topics: String, messages: Int)]

    init(_ discovery: Discovery) {
        findings = discovery.findings
        notMeters = discovery.notMeters
    }

    func text(profile: Profile) -> String {
        var lines: [String] = []
        for (position, finding) in findings.enumerated() {
            let labels =
                finding.adapter == "gplug" || finding.adapter == "tasmota" ? ", labels \(finding.labels ?? "?")" : ""
            var heading =
                "\(position + 1) \(finding.subscribe)  \(finding.adapter)\(labels)  \(finding.verdict.rawValue)"
            if finding.isPlaceholder, let id = finding.id { heading += "; \(id) is a placeholder: add meter: NAME" }
            lines.append(Terminal.escaped(heading))
            if !finding.reasons.isEmpty { lines.append("    " + finding.reasons.joined(separator: "; ")) }
            let meter = finding.isPlaceholder ? nil : finding.id.map { "meter \($0)" }
            let facts = [meter, age(finding)].compactMap(\.self)
            if !facts.isEmpty { lines.append(Terminal.escaped("    " + facts.joined(separator: "; "))) }
            lines.append("    compare with the meter's display: \(values(finding))")
        }
        if findings.isEmpty { lines.append("No meter found. Is the broker the one that the reader publishes to?") }
        if !notMeters.isEmpty {
            let topics = notMeters.prefix(8).map { "\($0.topics) (\($0.messages))" }
            lines.append(Terminal.escaped("not meters: \(topics.joined(separator: ", "))"))
        }
        return lines.joined(separator: "\n")
    }

    /// Counters first: they stand on every display.
    private func values(_ finding: Finding) -> String {
        let sorted = finding.observations.filter(\.obis.isCounter) + finding.observations.filter { !$0.obis.isCounter }
        return sorted.prefix(2).compactMap { observation in
            guard case .number(let number) = observation.value else { return nil }
            return "\(observation.obis.canonical) \(number)\(observation.unit.map { " \($0)" } ?? "")"
        }.joined(separator: ", ")
    }

    private func age(_ finding: Finding) -> String? {
        guard let (sent, received) = finding.time else { return nil }
        switch sent {
        case .instant(let instant):
            return "time \(Double(received.milliseconds(since: instant)) / 1000) s old"
        case .local(let wall), .seasonal(let wall, _):
            let names = [Zone.host.identifier, "Europe/Zurich", "Europe/London", "Europe/Helsinki"]
            let zone = names.first { name in
                guard let zone = Zone(name) else { return false }
                return abs(zone.instant(wall, near: received).milliseconds(since: received)) < 180_000
            }
            return zone.map { "local time = \($0)" } ?? "local time \(wall), of no zone that fits now"
        case .invalid(let text): return "time \(text) is none"
        }
    }

    /// `sources:` for a configuration; what is uncertain is commented out.
    var yaml: String {
        var lines = ["sources:"]
        var names: Set<String> = []
        for finding in findings {
            var name = finding.name.lowercased().filter {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0))
            }
            if name.isEmpty { name = "source" }
            while !names.insert(name).inserted { name += "-2" }
            var parts = ["adapter: \(finding.adapter)"]
            if let labels = finding.labels { parts.append("labels: \(labels)") }
            parts.append(
                "subscribe: \"\(finding.subscribe.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"")
            if finding.isPlaceholder { parts.append("meter: \(name)") }
            let note = finding.verdict == .ambiguous ? "   # AMBIGUOUS: write labels: NAME" : ""
            lines.append("  \(name): {\(parts.joined(separator: ", "))}\(note)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
