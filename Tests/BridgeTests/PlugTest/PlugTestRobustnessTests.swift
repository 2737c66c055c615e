// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest

/// Recordings that nobody made on purpose.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PlugTestRobustnessTests {
    private static let configuration = """
        zone: Europe/Zurich
        sources:
          a: {adapter: smartmeter-datacollector, subscribe: [smartmeter/#, dt/#]}
          b: {adapter: gplug, subscribe: [tele/+/SENSOR, tele/+/STATE, stat/+/STATUS10]}
          c: {adapter: p1, subscribe: p1/#}
        plugtest: {steps: [{at: 1m, name: x}], display: [{source: a, register: 1.8.0, value: 1 kWh, at: 2026-11-20T09:00:00Z}]}

        """

    /// Every format of whatever comes out.
    private static func judge(_ messages: [RawMessage]) throws {
        let report = try PlugTestSamples.report(Data(messages.flatMap(RecordedTraffic.line)), configuration)
        for format in PlugTestFormat.allCases { #expect(!format.text(report).isEmpty) }
        #expect(try JSONDecoder().decode(PlugTestReport.self, from: Data(report.json.utf8)) == report)
    }

    @Test func `times of any year and arrivals in any order are judged`() throws {
        let times: [Int64] = [0, -1, 1, 253_402_300_799, 253_402_300_800, -62_135_596_800, .max, .min, 1_795_165_200]
        var messages: [RawMessage] = []
        for (position, time) in (times + times.reversed() + times).enumerated() {
            let second = Int64(position * 97 % 13) * 400
            messages.append(
                RawMessage(
                    topic: "smartmeter/LGZ1/ACTIVE_ENERGY_P",
                    payload: Array("{\"value\": \(time), \"timestamp\": \(time)}".utf8),
                    received: MadeUpTraffic.start + .seconds(second)))
        }
        messages.append(
            RawMessage(
                topic: "smartmeter/LGZ1/ACTIVE_ENERGY_P", payload: [], received: Timestamp(seconds: -62_135_596_800)))
        messages.append(
            RawMessage(
                topic: "smartmeter/LGZ1/ACTIVE_ENERGY_P", payload: [], received: Timestamp(seconds: 253_402_300_799)))
        try Self.judge(messages)
    }

    @Test func `a clock that leaps over all years has a drift`() {
        var clock = ClockRecord()
        for second in 0..<400 {
            clock.note(.seconds(second < 200 ? -315_000_000_000 : 315_000_000_000), at: .seconds(Int64(second)))
        }
        // 630,000,000,000 s in 267 s.
        #expect(clock.clock?.drift == .milliseconds(8_494_382_022_471_910))
    }

    @Test func `an empty recording is not observed`() throws {
        let report = try PlugTestSamples.report(Data(), Self.configuration)
        #expect(report.verdict == .notObserved)
        try Self.judge([])
    }

    @Test func `damaged recordings are judged`() throws {
        var random = SplitMix64(state: 7)
        let lines =
            try RecordedTraffic(PlugTestSamples.good).messages + RecordedTraffic(PlugTestSamples.broken).messages
        for _ in 0..<20 {
            var messages = lines.filter { _ in random.next() % 9 == 0 }
            for index in messages.indices where random.next() % 3 == 0 {
                guard !messages[index].payload.isEmpty else { continue }
                let place = Int(random.next() % UInt64(messages[index].payload.count))
                switch random.next() % 4 {
                case 0: messages[index].payload[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: messages[index].payload.removeSubrange(place...)
                case 2: messages[index].isRetained = true
                default:
                    messages[index].received += .milliseconds(Int64(random.next() % 100_000_000))
                }
            }
            try Self.judge(messages)
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["OBIS_CORPUS"] != nil))
    func `what real readers sent is judged and anonymised`() throws {
        struct Line: Decodable {
            var topic: String
            var payload: String
        }
        let folder = URL(fileURLWithPath: ProcessInfo.processInfo.environment["OBIS_CORPUS"] ?? "")
        let text = try String(contentsOf: folder.appendingPathComponent("tasmota.jsonl"), encoding: .utf8)
        var messages = text.split(separator: "\n").enumerated().compactMap { position, line -> RawMessage? in
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else { return nil }
            return RawMessage(
                topic: line.topic, payload: Array(line.payload.utf8),
                received: MadeUpTraffic.start + .seconds(Int64(position) * 5))
        }
        #expect(messages.count > 20)
        let telegrams = folder.appendingPathComponent("p1").path
        for (position, name) in (try FileManager.default.contentsOfDirectory(atPath: telegrams)).sorted().enumerated() {
            guard let bytes = FileManager.default.contents(atPath: "\(telegrams)/\(name)") else { continue }
            messages.append(
                RawMessage(
                    topic: "p1/\(position % 7)", payload: Array(bytes),
                    received: MadeUpTraffic.start + .seconds(Int64(position) * 5)))
        }
        try Self.judge(messages)
        let loader = ConfigurationLoader(environment: [:])
        let setup = try #require(loader.load(Self.configuration, file: "bridge.yaml")).plugTestSetup
        let anonymiser = Anonymiser(messages, setup)
        for message in messages {
            let replaced = anonymiser.message(message)
            #expect(!String(decoding: replaced.payload, as: UTF8.self).contains("3130343837303239"))
        }
    }
}
