// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import Adapters

/// `docs/core-registers.md`: what the meters behind each adapter have, found by playing its fixtures and recordings.
/// With OBIS_WRITE_GOLDEN set the page is written instead of compared.
@Suite struct CoreRegisterTableTests {
    private static let groups: [(title: String, codes: [String])] = [
        ("power", ["1-0:16.7.0"]), ("import, export", ["1-0:1.7.0", "1-0:2.7.0"]),
        ("power of phases", ["1-0:36.7.0", "1-0:56.7.0", "1-0:76.7.0"]), ("energy import", ["1-0:1.8.0"]),
        ("energy export", ["1-0:2.8.0"]), ("quarter-hour demand", [demand]),
    ]
    private static let demand = "1-0:1.4.0"

    /// New readers that may have no row yet, so that a contributor needs not write one.
    private static let waiting = 2

    /// What a meter has of some registers.
    private enum Having: Int, Comparable {
        case nothing, derived, sent

        static func < (one: Having, other: Having) -> Bool { one.rawValue < other.rawValue }
    }

    /// All that the fixtures of an adapter bring, one meter a fixture.
    private static func observations(of adapter: String) throws -> [[Observation]] {
        try Fixture.all.filter { $0.adapter == adapter }.compactMap { fixture in
            let options = try AdapterOptions(fixture.steps[0])
            var decoder = try #require(AdapterRegistry.make(adapter, options: options)).makeDecoder()
            var observations: [Observation] = []
            for step in fixture.steps {
                guard let message = step.message,
                    case .telegrams(let telegrams, _, _) = decoder.decode(message, context: DecodingContext())
                else { continue }
                for observation in telegrams.flatMap(\.observations)
                where !observations.contains(where: { $0.obis.canonical == observation.obis.canonical }) {
                    observations.append(observation)
                }
            }
            return observations.contains { $0.obis.a == 1 } ? observations : nil
        }
    }

    private static func having(_ observations: [Observation]) throws -> [String: Having] {
        var registers: [String: Having] = [:]
        for reading in try RepeatingAdapter.readings(of: observations, count: 25) {
            for register in reading.registers {
                let code = register.obis.description
                registers[code] = max(registers[code] ?? .nothing, register.isDerived ? .derived : .sent)
            }
        }
        if registers["1-0:1.8.0"] != nil, observations.contains(where: isFine) {
            registers[demand] = registers[demand] ?? .derived
        }
        return registers
    }

    /// True for an energy from the grid with steps of at most 10 Wh, as far as its digits show them: those of the demand.
    private static func isFine(_ observation: Observation) -> Bool {
        let obis = observation.obis.canonical
        guard obis.a == 1, obis.c == 1, obis.d == 8, case .number(let number) = observation.value,
            let power = observation.unit.flatMap({ unit in Unit("kWh").flatMap { unit.powerOfTen(to: $0) } })
        else { return false }
        return number.exponent + power <= -2
    }

    /// Everything that a mapping knows, as one meter.
    private static func mapped(_ adapter: String) -> [Observation] {
        func registers(_ meaning: FieldMapping.Meaning) -> [FieldMapping.Register] {
            switch meaning {
            case .register(let register): [register]
            case .parts(_, let meanings): meanings.flatMap(registers)
            default: []
            }
        }
        return (FieldMapping.shipped(named: adapter)?.fields ?? []).flatMap { registers($0.meaning) }.filter {
            $0.unit != nil
        }
        .map { Observation($0.code, .number(ExactDecimal(5)), unit: $0.unit) }
    }

    /// - Parameters:
    ///   - meters: those of the fixtures.
    ///   - most: one that sends all that the reader can send.
    private static func cell(_ meters: [[String: Having]], most: [String: Having], _ codes: [String]) -> String {
        func best(_ meter: [String: Having]) -> Having { codes.compactMap { meter[$0] }.max() ?? .nothing }
        let isComputed = best(most) == .derived || meters.contains { best($0) == .derived }
        switch (max(best(most), meters.map(best).max() ?? .nothing), isComputed) {
        case (.sent, true): return "sent or computed"
        case (.sent, false): return "sent"
        case (.derived, _): return "computed"
        case (.nothing, _): return "–"
        }
    }

    private static func page() throws -> String {
        var lines = [
            "# Which reader's meters have which core registers", "",
            "The [core registers](profile.md#core-registers) of each adapter, as far as a meter and its reader's settings allow. *sent*: the reader sends it;",
            "*computed*: it is made of others that the reader sends, or that some of its meters send; –: it cannot be had. Found by playing the recordings of each",
            "reader and all that its mapping knows 25 times through the bridge. The [quarter-hour demand](profile.md#quarter-hour-demand) is computed only where it is",
            "asked for; here where a recorded counter has steps of 10 Wh or less, provided that the reader is set to send at least every five minutes.",
            "",
            "| adapter | " + groups.map(\.title).joined(separator: " | ") + " |",
            "| --- |" + String(repeating: " --- |", count: groups.count),
        ]
        for name in Set(Fixture.all.map(\.adapter)).sorted() {
            let observations = try observations(of: name)
            var codes: Set<OBISCode> = []
            let most = try having(
                (observations.flatMap { $0 } + mapped(name)).filter { codes.insert($0.obis.canonical).inserted })
            guard most.keys.contains(where: { $0.hasPrefix("1-") }) else { continue }
            let meters = try observations.map { try having($0) }
            let cells = groups.map { cell(meters, most: most, $0.codes) }
            lines.append("| `\(name)` | " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func `the page says what each adapter's meters have`() throws {
        let tests = #filePath.split(separator: "/Tests/")[0]
        let file = URL(fileURLWithPath: "\(tests)/docs/core-registers.md")
        let page = try Self.page()
        if ProcessInfo.processInfo.environment["OBIS_WRITE_GOLDEN"] != nil {
            try page.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let (lines, stored) = (
            page.split(separator: "\n"), try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        )
        let howTo = "OBIS_WRITE_GOLDEN=1 swift test --filter CoreRegisterTable writes the page"
        #expect(lines.filter(Set(stored).contains) == stored, "docs/core-registers.md is not true any more: \(howTo)")
        #expect(lines.count - stored.count <= Self.waiting, "docs/core-registers.md lacks readers: \(howTo)")
    }
}
