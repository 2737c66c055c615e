// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import bridge

/// Whatever is changed within, what is published stays: a line for each scenario, with a hash over what is published of meters,
/// and one over rejects and health, whose sentences may change.
///
/// `Scripts/publications A B` shows the messages that differ between two revisions, `Scripts/publications --store` writes the
/// lines anew: in a commit that does nothing else and says why.
@Suite struct PublicationTests {
    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("publications.txt").path

    /// Scenarios that may have no line yet.
    private static let waiting = 50

    private static let environment = ProcessInfo.processInfo.environment

    @Test func `every scenario publishes what it published before`() async throws {
        let scenarios = try Scenario.all()
        #expect(Set(scenarios.map(\.name)).count == scenarios.count, "two scenarios have one name")
        if let names = Self.environment["OBIS_SCENARIOS"] {
            try Self.print(
                scenarios, named: Set(try String(contentsOfFile: names, encoding: .utf8).split(separator: "\n")))
            return
        }
        let lines = await Self.lines(scenarios)
        if let path = Self.environment["OBIS_PUBLICATION_HASHES"] {
            try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        let stored = try String(contentsOfFile: Self.file, encoding: .utf8).split(separator: "\n").map(String.init)
        let known = Set(stored)
        let names = Set(stored.map { $0.prefix { $0 != "\t" } })
        let others = lines.filter { !known.contains($0) && names.contains($0.prefix { $0 != "\t" }) }
        #expect(
            others.isEmpty,
            "\(others.count) scenarios publish something else, the first of them \(others.prefix(5)): Scripts/publications HEAD . shows it"
        )
        let today = Set(lines.map { $0.prefix { $0 != "\t" } })
        #expect(names.isSubset(of: today), "Scripts/publications --add takes out scenarios that are gone")
        // A contributor's fixtures and cases say themselves what is published of them: their lines may come later.
        #expect(
            today.subtracting(names).count <= Self.waiting, "Scripts/publications --add adds the lines of new scenarios"
        )
    }

    /// `name TAB meters TAB rejects and health`.
    private static func lines(_ scenarios: [Scenario]) async -> [String] {
        await withTaskGroup(of: (Int, [String]).self) { group in
            let share = 50
            for first in stride(from: 0, to: scenarios.count, by: share) {
                let part = scenarios[first..<min(first + share, scenarios.count)]
                group.addTask { (first, part.map { line($0.name, $0.run()) }) }
            }
            var parts: [(Int, [String])] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private static func line(_ name: String, _ publications: [Publication]) -> String {
        var (meters, others) = (Checksum(), Checksum())
        for publication in publications {
            if isOfBridge(publication) { others.combine(publication) } else { meters.combine(publication) }
        }
        return "\(name)\t\(meters.hex)\t\(others.hex)"
    }

    /// Rejects and health.
    private static func isOfBridge(_ publication: Publication) -> Bool { publication.topic.contains("/bridge/") }

    /// `name TAB topic TAB r for retained TAB payload` for each publication of some scenarios.
    private static func print(_ scenarios: [Scenario], named names: Set<Substring>) throws {
        var text = ""
        for scenario in scenarios where names.contains(Substring(scenario.name)) {
            for publication in scenario.run() {
                let payload = String(decoding: publication.payload, as: UTF8.self).replacing("\n", with: "\\n")
                text += "\(scenario.name)\t\(publication.topic)\t\(publication.isRetained ? "r" : "")\t\(payload)\n"
            }
        }
        guard let path = environment["OBIS_PUBLICATION_TEXTS"] else { return }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}

extension Checksum {
    fileprivate mutating func combine(_ publication: Publication) {
        combine(publication.topic.utf8)
        combine(publication.payload)
        combine(publication.isRetained ? 1 : 0 as UInt8)
    }
}
