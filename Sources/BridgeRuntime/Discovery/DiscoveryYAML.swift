// SPDX-License-Identifier: Apache-2.0
package import Adapters
import Harmonizer
import Machine

/// The `sources:` YAML for the readers that `discover` found.
package struct DiscoveryYAML {
    private let findings: [Finding]
    private let asks: Bool

    /// - Parameter asks: true to write `ask` for readers that need it; only a person decides that the bridge publishes to readers.
    package init(_ findings: [Finding], asks: Bool = true) {
        self.findings = findings
        self.asks = asks
    }

    /// The YAML; nil when there is nothing new to write.
    package var text: String? {
        var lines = ["sources:"]
        var names: Set<String> = []
        for finding in findings where finding.coveredBy == nil {
            // Findings with the same real id become one meter anyway.
            let others = finding.sameAs.filter { findings[$0].id != finding.id || finding.isPlaceholder }
            if !others.isEmpty {
                let numbers = DiscoveryReport.numbers(others)
                lines.append("  # looks like the same meter as \(numbers): give them the same meter: NAME")
            }
            if finding.verdict == .ambiguous {
                lines.append("  # AMBIGUOUS: \(comment(finding.reasons.first ?? "")); write labels: NAME")
            }
            if finding.verdict == .likely, let reason = finding.reasons.first, !finding.needsLabels {
                lines.append("  # \(comment(reason))")
            }
            let name = name(finding, taken: &names)
            lines.append("  \(name): {\(members(finding, name: name).joined(separator: ", "))}")
        }
        return lines.count > 1 ? lines.joined(separator: "\n") + "\n" : nil
    }

    private func members(_ finding: Finding, name: String) -> [String] {
        let ask = asks ? finding.ask : nil
        let topics = (finding.subscribe + [ask].compactMap(\.self)).map(Self.scalar)
        return [
            "adapter: \(finding.adapter)", finding.labels.map { "labels: \(Self.scalar($0))" },
            "subscribe: " + (topics.count == 1 ? topics[0] : "[\(topics.joined(separator: ", "))]"),
            ask.map { "ask: {topic: \(Self.scalar($0)), every: 30s}" },
            ClockReport(finding)?.zone.map { "zone: \($0)" },
            finding.needsMeter ? "meter: \(name)" : nil,
        ].compactMap(\.self)
    }

    /// A name for the source, which must be a word; the name of a device may contain any character.
    private func name(_ finding: Finding, taken: inout Set<String>) -> String {
        let word = finding.name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
        let stem = String(word.prefix(40).drop { $0 == "-" })
        let base = stem.isEmpty ? finding.adapter : stem
        var name = base
        var number = 2
        while !taken.insert(name).inserted {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }

    /// Escapes text from payloads for a YAML comment, which a line end would end.
    private func comment(_ text: String) -> String { Terminal.escaped(String(text.map { $0.isNewline ? " " : $0 })) }

    /// A YAML scalar: plain if possible, else in double quotes.
    private static func scalar(_ text: String) -> String {
        let isPlain =
            text.utf8.first != UInt8(ascii: "-")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "+"):
                    true
                default: false
                }
            }
        if isPlain, !text.isEmpty { return text }
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
