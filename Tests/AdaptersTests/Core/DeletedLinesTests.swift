// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import Testing

/// What a meter of the corpus sends beside the registers that it could be made of is left out: what is computed instead has to be
/// what was sent.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["OBIS_CORPUS"] != nil)) struct DeletedLinesTests {
    private static func code(_ c: UInt8, _ d: UInt8, _ e: UInt8) -> OBISCode { OBISCode(1, 0, c, d, e) }
    private static let net = code(16, 7, 0)
    private static let sides = [code(1, 7, 0), code(2, 7, 0)]
    private static let phases = [code(36, 7, 0), code(56, 7, 0), code(76, 7, 0)]
    private static let directions = [21, 22, 41, 42, 61, 62].map { code($0, 7, 0) }

    /// A register that is left out of a telegram, and which others with it, so that nothing else tells it.
    private struct Deletion {
        var name: String
        var sample: Sample
        var deleted: OBISCode
        var others: [OBISCode] = []
        /// What the others come to before the first message; not what was sent where the meter's own numbers do not agree.
        var sum: ExactDecimal?
        var sent: ExactDecimal
    }

    /// What one message of the corpus brought.
    private struct Sample {
        var name: String
        var observations: [Observation]

        /// The number of a register in W or kWh; nil when it has none.
        func number(_ obis: OBISCode) -> ExactDecimal? {
            guard let observation = observations.first(where: { $0.obis.canonical == obis }),
                case .number(let number) = observation.value, let unit = observation.unit,
                let power = unit.powerOfTen(to: Unit(obis.d == 8 ? "kWh" : "W") ?? unit)
            else { return nil }
            return number.scaled(byPowerOfTen: power)
        }

        func tariffs(_ c: UInt8) -> [OBISCode] {
            Set(observations.map(\.obis.canonical)).filter {
                $0.a == 1 && $0.c == c && $0.d == 8 && (1...63).contains($0.e)
            }.sorted()
        }
    }

    private static func samples() throws -> [Sample] {
        let folder = ProcessInfo.processInfo.environment["OBIS_CORPUS"] ?? ""
        var samples: [Sample] = []
        func add(_ name: String, _ observations: [Observation]) {
            if !observations.isEmpty { samples.append(Sample(name: name, observations: observations)) }
        }
        for entry in P1Corpus.entries {
            var decoder = P1Adapter(options: AdapterOptions(crc: .off)).makeDecoder()
            let message = RawMessage(topic: "p1", payload: entry.bytes, received: ReaderRecording.start)
            if case .telegrams(let telegrams, _, _) = decoder.decode(message, context: DecodingContext()) {
                for telegram in telegrams { add(entry.file, telegram.observations) }
            }
        }
        for entry in FramesCorpus.entries {
            for telegram in FramesRun.whole(entry.bytes, entry.options).telegrams {
                add(entry.name, telegram.observations)
            }
        }
        func discover(_ name: String, _ messages: [RawMessage]) {
            var discovery = Discovery(placeholders: [])
            for message in messages { discovery.hear(message) }
            for finding in discovery.findings { add(name, finding.observations) }
        }
        for recording in ReaderRecording.corpus { discover(recording.name, recording.messages) }
        struct Line: Decodable {
            var topic: String?
            var payload: String
        }
        for file in ["tasmota.jsonl", "readers/tasmota/ottelo.jsonl"] {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for (index, line) in text.split(separator: "\n").enumerated() {
                let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
                discover(
                    "\(file):\(index + 1)",
                    [
                        RawMessage(
                            topic: line.topic ?? "", payload: Array(line.payload.utf8), received: ReaderRecording.start)
                    ])
            }
        }
        return samples
    }

    private static func deletions(_ sample: Sample) -> [Deletion] {
        var deletions: [Deletion] = []
        for c in [UInt8(1), 2] {
            let tariffs = sample.tariffs(c)
            guard !tariffs.isEmpty, let total = sample.number(code(c, 8, 0)) else { continue }
            let sum = tariffs.reduce(ExactDecimal.zero as ExactDecimal?) { sum, code in
                sample.number(code).flatMap { sum?.adding($0) }
            }
            deletions.append(
                Deletion(name: "tariffs", sample: sample, deleted: code(c, 8, 0), sum: sum, sent: total))
        }
        guard let power = sample.number(net) else { return deletions }
        if let one = sample.number(sides[0]), let other = sample.number(sides[1]) {
            deletions.append(
                Deletion(
                    name: "import and export", sample: sample, deleted: net, sum: one.subtracting(other), sent: power))
        }
        let ofPhases = phases.compactMap { phase -> ExactDecimal? in
            if let own = sample.number(phase) { return own }
            let index = phases.firstIndex(of: phase) ?? 0
            guard let one = sample.number(directions[2 * index]), let other = sample.number(directions[2 * index + 1])
            else { return nil }
            return one.subtracting(other)
        }
        if !ofPhases.isEmpty {
            let sum = ofPhases.reduce(ExactDecimal.zero as ExactDecimal?) { $0?.adding($1) }
            deletions.append(
                Deletion(name: "phases", sample: sample, deleted: net, others: sides, sum: sum, sent: power))
        }
        return deletions
    }

    /// Plays a telegram 25 times with rising time and counters.
    ///
    /// - Returns: the last value of a register; nil when it was not there.
    private static func play(_ sample: Sample, without gone: [OBISCode], asking obis: OBISCode) throws -> ExactDecimal?
    {
        var last: ExactDecimal?
        for reading in try RepeatingAdapter.readings(
            of: sample.observations.filter { !gone.contains($0.obis.canonical) }, count: 25)
        {
            last = nil
            if case .number(let number)? = reading.registers.first(where: { $0.obis == obis })?.value { last = number }
        }
        return last
    }

    @Test func `what is computed is what a meter sent where that is left out`() throws {
        var counts: [String: (all: Int, equal: Int, disagreeing: Int)] = [:]
        for sample in try Self.samples() {
            for deletion in Self.deletions(sample) {
                var count = counts[deletion.name] ?? (0, 0, 0)
                defer { counts[deletion.name] = count }
                count.all += 1
                let computed = try Self.play(
                    sample, without: deletion.others + [deletion.deleted], asking: deletion.deleted)
                var expected = try Self.play(sample, without: deletion.others, asking: deletion.deleted)
                if deletion.sum != deletion.sent {
                    // Then it is what the others come to, whatever the meter says.
                    count.disagreeing += 1
                    expected = expected.flatMap { deletion.sum.flatMap($0.adding)?.subtracting(deletion.sent) }
                }
                #expect(
                    expected != nil && computed == expected,
                    "\(sample.name), \(deletion.deleted) by \(deletion.name): \(computed?.description ?? "nothing") instead of \(expected?.description ?? "nothing")"
                )
                if computed == expected { count.equal += 1 }
            }
        }
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            print(
                "deleted lines, \(name): \(count.all) telegrams, \(count.equal) computed right, "
                    + "\(count.disagreeing) of which have a total that is not the sum of its parts")
        }
        #expect(counts.values.reduce(0) { $0 + $1.equal } > 0)
    }
}
