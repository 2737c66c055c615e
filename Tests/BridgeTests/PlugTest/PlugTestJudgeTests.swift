// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// What each verdict rests on, with the case in which it must not be given.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PlugTestJudgeTests {
    private static let collector =
        "  ekz: {adapter: smartmeter-datacollector, subscribe: smartmeter/LGZ1030655900017/#}"
    private static let plug = "  re: {adapter: gplug, labels: gplug-d-hdlc, subscribe: tele/gPlugD_5A1B2C/SENSOR}"
    private static let serial = "\"49534B31303330373735323030303133\""
    private static let meter = MadeUpMeter(imported: 888_343, base: 390)

    private static func plug(ahead: Int = 0) -> MadeUpTraffic.GPlug {
        MadeUpTraffic.GPlug(topic: "gPlugD_5A1B2C", serial: serial, ahead: ahead)
    }

    // MARK: - Words

    @Test func `a healthy meter passes, strictly too`() throws {
        for isStrict in [false, true] {
            let report = try PlugTestSamples.report(sources: Self.collector, isStrict: isStrict) {
                $0.add(MadeUpTraffic.Collector(topic: "LGZ1030655900017"), of: Self.meter)
            }
            #expect(report.verdict == .pass)
            #expect(report.rows[0].sent.verdict == .pass)
        }
    }

    @Test(arguments: [(false, PlugTestVerdict.passWithRepairs), (true, .fail)])
    func `a repair passes unless the test is strict`(isStrict: Bool, verdict: PlugTestVerdict) throws {
        let report = try PlugTestSamples.report(
            sources: "  aew: {adapter: smartmeter-datacollector, subscribe: smartmeter/12345/#, meter: aew-1}",
            isStrict: isStrict
        ) { $0.add(MadeUpTraffic.Collector(topic: "12345"), of: Self.meter) }
        #expect(report.verdict == verdict)
        #expect(report.rows[0].sent.verdict == .incomplete)
    }

    @Test(arguments: [(599, PlugTestVerdict.notObserved), (1850, .fail)])
    func `a silent source fails only after twice the slowest list`(seconds: Int, verdict: PlugTestVerdict) throws {
        let report = try PlugTestSamples.report(sources: "\(Self.collector)\n\(Self.plug)", duration: seconds) {
            $0.add(MadeUpTraffic.Collector(topic: "LGZ1030655900017"), of: Self.meter)
        }
        #expect(report.rows.map(\.harmonised.verdict) == [.pass, verdict])
        #expect(report.rows[1].messages == 0)
    }

    @Test(arguments: [(400, CellState.notObserved), (720, .absent)])
    func `a register is missed only after twice its interval`(seconds: Int, state: CellState) throws {
        let report = try PlugTestSamples.report(sources: Self.plug, duration: seconds) {
            $0.add(Self.plug(), of: Self.meter)
        }
        #expect(report.rows[0].cells[2].state == state)
    }

    // MARK: - Time

    @Test(arguments: [0, -3600, 3600, 480])
    func `a clock is judged by its distance from the arrivals`(ahead: Int) throws {
        let report = try PlugTestSamples.report(sources: Self.plug, plugTest: "{expected: [1-0:1.7.0]}") {
            $0.add(Self.plug(ahead: ahead), of: Self.meter)
        }
        let row = report.rows[0]
        #expect(row.sent.verdict == (ahead == 0 ? .incomplete : .fail))
        let offset = try #require(row.clock?.offset)
        #expect((offset - .seconds(Int64(ahead))).magnitude < .seconds(1))
        let texts = row.sent.findings.map(\.text)
        #expect(
            texts.contains { $0.contains(" h ahead") || $0.contains(" h behind") } == (abs(ahead) == 3600), "\(texts)")
        #expect(texts.contains { $0.contains("8 min ahead") } == (ahead == 480), "\(texts)")
    }

    @Test func `a clock that gains shows its drift`() throws {
        let report = try PlugTestSamples.report(sources: Self.collector, plugTest: "{expected: [1-0:1.7.0]}") {
            traffic in
            for second in stride(from: 0, to: 720, by: 10) {
                let time = MadeUpTraffic.start.seconds + Int64(second + second / 60)
                traffic.add(
                    "smartmeter/LGZ1030655900017/ACTIVE_POWER_P", "{\"value\": \(second).0, \"timestamp\": \(time)}",
                    at: second)
            }
        }
        let drift = try #require(report.rows[0].clock?.drift)
        // One second a minute.
        #expect((.seconds(50)...TimeSpan.seconds(70)).contains(drift))
    }

    // MARK: - Scale

    @Test func `watts that are kilowatts are found without voltages and currents`() throws {
        let source =
            "  e: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/gPlug10/SENSOR}\nprofile: {derived: {\"1-0:1.8.0\": {enabled: true}}}"
        func report(isInKilowatts: Bool) throws -> PlugTestReport {
            try PlugTestSamples.report(sources: source) { traffic in
                for second in stride(from: 1, to: 720, by: 10) {
                    let power = isInKilowatts ? decimal(Self.meter.load(second), 3) : "\(Self.meter.load(second))"
                    let wall = WallTime(MadeUpTraffic.start + .seconds(Int64(second)), offset: 3600)
                    traffic.add(
                        "tele/gPlug10/SENSOR",
                        "{\"Time\":\"\(wall)\",\"z\":{\"SMid\":3130303030313233,\"Pi\":\(power),\"B1\":\(decimal(Self.meter.energy(second), 3)),\"B2\":0.000,\"E1\":0.000,\"E2\":0.000}}",
                        at: second)
                }
            }
        }
        let wrong = try report(isInKilowatts: true).rows[0]
        #expect(
            wrong.sent.findings.contains {
                $0.text.contains("1000 times too small, by 1.7.0 against the rise of 1.8.0")
            })
        #expect(wrong.cells[4].state == .wrong)
        let right = try report(isInKilowatts: false).rows[0]
        #expect(!right.sent.findings.contains { $0.subject == .scale })
        #expect(right.cells[4].state == .asSent)
        #expect(right.cells[0].state == .derived)
    }

    @Test func `a factor of the configuration makes a repaired register`() throws {
        let report = try PlugTestSamples.report(
            sources:
                "  volts: {adapter: smartmeter-datacollector, subscribe: smartmeter/ISK1030775200077/#, scale: {voltage: 0.1}}"
        ) { $0.add(MadeUpTraffic.Collector(topic: "ISK1030775200077", voltageFactor: 10), of: Self.meter) }
        #expect(report.rows[0].cells[6].state == .repaired)
        #expect(report.rows[0].sent.verdict == .fail)
        #expect(report.rows[0].harmonised.verdict == .passWithRepairs)
    }

    @Test(arguments: [(400..<430, PlugTestVerdict.passWithRepairs, CellState.repaired), (400..<720, .fail, .wrong)])
    func `a counter that falls is a repair when it comes back, and wrong when it does not`(
        dip: Range<Int>, verdict: PlugTestVerdict, state: CellState
    ) throws {
        let report = try PlugTestSamples.report(sources: Self.collector) {
            $0.add(MadeUpTraffic.Collector(topic: "LGZ1030655900017", dip: dip), of: Self.meter)
        }
        #expect(report.rows[0].sent.verdict == .fail)
        #expect(report.rows[0].harmonised.verdict == verdict)
        #expect(report.rows[0].cells[0].state == state)
        let isSaid = report.rows[0].harmonised.findings.contains {
            $0.text == "1-0:1.8.0: held back to the end (counter.zero)"
        }
        #expect(isSaid == (verdict == .fail))
    }

    // MARK: - Gaps and steps

    @Test(arguments: [
        ("{}", PlugTestVerdict.incomplete, ""),
        ("{steps: [{at: 195s, name: cable out, within: 3m}]}", .pass, "recovered after 2 min 15 s, lost 4"),
        ("{steps: [{at: 195s, name: cable out, within: 60s}]}", .fail, "recovered after 2 min 15 s, lost 4"),
        ("{steps: [{at: 500s, name: cable out}]}", .incomplete, "not interrupted"),
        (
            "{steps: [{at: 2026-11-20T09:03:15Z, name: cable out, within: 3m}]}", .pass,
            "recovered after 2 min 17 s, lost 4"
        ),
    ])
    func `a gap is a fault unless a step explains it`(plugTest: String, verdict: PlugTestVerdict, words: String) throws
    {
        let report = try PlugTestSamples.report(sources: Self.collector, plugTest: plugTest) {
            $0.add(MadeUpTraffic.Collector(topic: "LGZ1030655900017", missing: 200..<320), of: Self.meter)
        }
        #expect(report.rows[0].harmonised.verdict == verdict)
        #expect(report.rows[0].steps.map(ReportWords.step).joined() == words)
    }

    @Test func `what never comes back fails its step`() throws {
        let report = try PlugTestSamples.report(
            sources: "\(Self.collector)\n\(Self.plug)", plugTest: "{steps: [{at: 300s, name: broker restarted}]}"
        ) {
            $0.add(MadeUpTraffic.Collector(topic: "LGZ1030655900017", missing: 290..<720), of: Self.meter)
            $0.add(Self.plug(), of: Self.meter)
        }
        #expect(report.rows[0].steps[0].recovered == nil)
        #expect(report.rows[0].harmonised.verdict == .fail)
        #expect(report.rows[1].steps[0].verdict == .pass)
    }

    // MARK: - Display

    @Test(arguments: [
        ("888.49 kWh", "10m", true), ("888490 Wh", "10m", true), ("889.5 kWh", "10m", false), ("888.4 kWh", "1m", true),
    ])
    func `a display reading agrees or does not`(value: String, at: String, agrees: Bool) throws {
        let report = try PlugTestSamples.report(
            sources: Self.collector, plugTest: "{display: [{source: ekz, register: 1.8.0, value: \(value), at: \(at)}]}"
        ) { $0.add(MadeUpTraffic.Collector(topic: "LGZ1030655900017"), of: Self.meter) }
        #expect(report.rows[0].display.map(\.agrees) == [agrees], "\(report.rows[0].display)")
        #expect(report.rows[0].harmonised.verdict == (agrees ? .pass : .fail))
        #expect(report.rows[0].cells[0].state == (agrees ? .asSent : .wrong))
    }

    // MARK: - Rows and pairs

    @Test(arguments: [(158_201, PlugTestVerdict.pass), (159_201, .fail)])
    func `two readers of one meter are two rows and a pair`(imported: Int, verdict: PlugTestVerdict) throws {
        let sources = """
              one: {adapter: smartmeter-datacollector, subscribe: smartmeter/LGZ1030655900017/#, meter: house}
              two: {adapter: gplug, labels: gplug-d-hdlc, subscribe: tele/gPlugD_5A1B2C/SENSOR, meter: house}
            """
        let report = try PlugTestSamples.report(sources: sources) {
            $0.add(MadeUpTraffic.Collector(topic: "LGZ1030655900017"), of: MadeUpMeter(imported: 158_201, base: 390))
            $0.add(Self.plug(), of: MadeUpMeter(imported: imported, base: 390))
        }
        #expect(report.rows.map(\.name) == ["one", "two"])
        #expect(report.rows.map(\.meter) == ["house", "house"])
        let pair = try #require(report.pairs.first)
        #expect(pair.rows == ["one", "two"])
        #expect(pair.verdict == verdict)
        let energy = try #require(pair.registers.first { $0.obis == "1-0:1.8.0" })
        #expect(energy.pairs > 10)
        #expect((energy.outside > 0) == (verdict == .fail))
    }

    @Test func `readers behind one filter are rows of their own`() throws {
        let report = try PlugTestSamples.report(sources: "  all: {adapter: gplug, labels: gplug-d-hdlc}") {
            $0.add(Self.plug(), of: Self.meter)
            $0.add(
                MadeUpTraffic.GPlug(topic: "gPlugD_77AA01", serial: "\"49534B31303330373735323030303135\"", first: 2),
                of: Self.meter)
        }
        #expect(report.rows.map(\.name) == ["all/gPlugD_5A1B2C", "all/gPlugD_77AA01"])
        #expect(report.rows.map(\.serials) == [["ISK1030775200013"], ["ISK1030775200015"]])
    }

    // MARK: - Evidence

    @Test func `the first message of each kind and the first case of each fix are shown`() throws {
        let report = try PlugTestSamples.report(PlugTestSamples.broken, PlugTestSamples.brokenConfiguration)
        let plug = report.rows[1].evidence
        #expect(plug.filter { $0.kind == .message }.map(\.title) == ["12 registers", "1-0:1.7.0"])
        #expect(plug[0].payload.hasPrefix("{\"Time\":\"2026-11-20T09:00:03\",\"z\":{\"SMid\":"))
        #expect(plug[0].harmonised.contains("1-0:1.7.0 351 W"), "\(plug[0].harmonised)")
        let holes = report.rows[2].evidence.filter { $0.kind == .fix }
        #expect(holes.map(\.title) == ["id.missing", "counter.zero"])
        #expect(holes[1].payload.contains("\"value\": 0.0"), "\(holes[1].payload)")
        #expect(holes[1].harmonised.first == "hold 1-0:1.8.0 0")
    }

    @Test func `a label that nobody knows is said, a fix is not said twice`() throws {
        let report = try PlugTestSamples.report(sources: Self.plug, plugTest: "{expected: [1-0:1.7.0]}") {
            $0.add(Self.plug(ahead: -3600), of: Self.meter)
            $0.add("tele/gPlugD_5A1B2C/SENSOR", "{\"Time\":\"2026-11-20T10:00:00\",\"z\":{\"Pi\":0.4,\"Xy\":1}}", at: 0)
        }
        let remarks = report.rows[0].remarks
        #expect(remarks.contains { $0.contains("no OBIS code for the label \"Xy\"") })
        #expect(remarks.contains { $0.contains("1 h behind, corrected from now on") })
        #expect(!remarks.contains { $0.contains(": time.zone-error:") })
    }

    @Test func `what cannot be understood is counted and shown`() throws {
        let report = try PlugTestSamples.report(sources: Self.plug, plugTest: "{expected: [1-0:1.7.0]}") {
            $0.add(Self.plug(), of: Self.meter)
            for second in stride(from: 15, to: 700, by: 60) {
                $0.add("tele/gPlugD_5A1B2C/SENSOR", "{\"z\":{ this is not json", at: second)
            }
        }
        #expect(report.rows[0].rejects == ["json.invalid": 12])
        #expect(report.rows[0].harmonised.verdict == .incomplete)
        #expect(report.rows[0].evidence.contains { $0.title == "rejected: json.invalid" })
    }
}
