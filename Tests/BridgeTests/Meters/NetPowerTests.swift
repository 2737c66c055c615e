// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import PlugTest

/// Batteries act on the net power: it is made of values of one instant, or it is absent.
@Suite struct NetPowerTests {
    static let gplug = "zone: UTC\nsources: {gplug: {adapter: gplug, labels: gplug-d}}"

    /// A gPlug with an immediate message of a label now and then. What it sends, at which second, in milliseconds after the
    /// message before, and the net power that comes of it.
    struct Step {
        var second: Int
        var words: String
        var net: String?
        var after: Int64

        init(_ second: Int, _ words: String, _ net: String?, after: Int64 = 10_000) {
            (self.second, self.words, self.net, self.after) = (second, words, net, after)
        }

        var payload: String {
            let time = "2026-11-20T\(String(format: "12:%02d:%02d", second / 60, second % 60))"
            return "{\"Time\":\"\(time)\",\"z\":{\(words)}}"
        }
    }

    static func whole(_ second: Int, _ imported: String, _ exported: String, _ net: String?) -> Step {
        Step(second, "\"SMid\":\"3130303030303231\",\"Pi\":\(imported),\"Po\":\(exported),\"Ei\":100.5", net)
    }

    /// A meter that nets, known to do so.
    static let netting = (1...20).map { whole($0 * 10, "0.\(100 + $0)", "0.000", "\(100 + $0)") }

    static let sequences: [(name: String, steps: [Step])] = [
        (
            "an export of before is not subtracted from an import of now",
            [whole(10, "0.000", "0.900", "-900"), Step(14, "\"Pi\":0.500", nil, after: 4000)]
        ),
        (
            "nor when the reader repeats it in a whole message",
            [
                whole(10, "0.000", "0.900", "-900"), Step(14, "\"Pi\":0.500", nil, after: 4000),
                whole(20, "0.500", "0.900", nil), whole(30, "0.510", "0.900", nil), whole(40, "0.520", "0.000", "520"),
            ]
        ),
        (
            "nor when the whole message itself brings the import first",
            [whole(10, "0.000", "0.900", "-900"), whole(20, "0.500", "0.900", nil), whole(30, "0.5", "0.000", "500")]
        ),
        (
            "a side waits for its partner of the same time",
            [
                whole(10, "0.000", "0.900", "-900"), Step(14, "\"Pi\":0.500", nil, after: 4000),
                Step(14, "\"Po\":0.000", "500", after: 20), Step(15, "\"Pi\":0.000", nil, after: 1000),
                Step(15, "\"Po\":0.300", "-300", after: 20),
            ]
        ),
        (
            "a partner of another time is none",
            [
                whole(10, "0.000", "0.900", "-900"), Step(14, "\"Pi\":0.500", nil, after: 4000),
                Step(15, "\"Po\":0.000", nil, after: 20),
            ]
        ),
        (
            "a partner that was used belongs to its own telegram",
            [
                whole(10, "0.000", "0.900", "-900"), Step(14, "\"Pi\":0.500", nil, after: 4000),
                Step(14, "\"Po\":0.000", "500", after: 20), Step(14, "\"Pi\":0.400", nil, after: 200),
                Step(14, "\"Po\":0.000", nil, after: 20),
            ]
        ),
        (
            "one side above zero is the net power of a meter that nets",
            netting + [
                Step(204, "\"Po\":0.300", "-300", after: 4000), Step(205, "\"Pi\":0.000", nil, after: 1000),
                Step(206, "\"Pi\":0.250", "250", after: 1000), whole(210, "0.250", "0.300", "250"),
                whole(220, "0.260", "0.000", "260"),
            ]
        ),
        (
            "a meter with both sides above zero does not net",
            [whole(10, "0.200", "0.900", "-700"), Step(14, "\"Pi\":0.500", nil, after: 4000)]
                + (2...30).map {
                    whole($0 * 10, "0.000", "0.9\($0)", "-9\($0)".padding(toLength: 4, withPad: "0", startingAt: 0))
                }
                + [Step(304, "\"Po\":0.500", nil, after: 4000), whole(310, "0.300", "0.800", "-500")]
        ),
        (
            "a meter that nets until it shows both does not net any more",
            netting + [whole(210, "0.300", "0.800", "-500"), Step(214, "\"Pi\":0.300", nil, after: 4000)]
        ),
        (
            "without an export register the import is the net power, until one comes",
            (1...10).map { Step($0 * 10, "\"Pi\":0.\(100 + $0),\"Ei\":100.5", $0 < 10 ? nil : "110") } + [
                Step(104, "\"Pi\":0.200", "200", after: 4000), whole(110, "0.200", "0.000", "200"),
                Step(114, "\"Pi\":0.200", nil, after: 4000),
            ]
        ),
        (
            "immediate messages alone say nothing about an export",
            (1...30).map { Step($0 * 10, "\"Pi\":0.\(100 + $0)", nil) }
        ),
    ]

    @Test(arguments: sequences.indices)
    func `net power is of one instant, wherever the bridge is restarted`(sequence: Int) throws {
        let (name, steps) = Self.sequences[sequence]
        let settings = try ConfiguredRun.settings(Self.gplug)
        for restart in -1..<steps.count {
            var run = ConfiguredRun(settings)
            for (index, step) in steps.enumerated() {
                if index == restart { run.restart() }
                let out = run.send("tele/gPlugD_A/SENSOR", step.payload, after: step.after)
                let place = Comment(rawValue: "\(name): message \(index), restart before \(restart)")
                #expect(out.texts("/obis/1-0:16.7.0").last == step.net, place)
                let isInReading = out.texts("/reading").last?.contains("\"1-0:16.7.0\":") ?? false
                #expect(isInReading == (step.net != nil), place)
            }
        }
    }

    @Test func `info says how the meter nets`() throws {
        var run = try ConfiguredRun(Self.gplug)
        func info() -> String { run.published.texts("/info").last ?? "" }
        for step in Self.netting {
            #expect(!info().contains("\"netting\":\"sum\""))
            run.send("tele/gPlugD_A/SENSOR", step.payload, after: step.after)
        }
        #expect(info().contains("\"netting\":\"sum\""))
        run.restart()
        run.send("tele/gPlugD_A/SENSOR", Self.whole(210, "0.300", "0.800", nil).payload, after: 10_000)
        #expect(info().contains("\"netting\":\"phases\""))
    }

    /// A reader that sends each register on a topic of its own, milliseconds apart: those with one time are one telegram.
    @Test func `registers of one telegram on several topics are of one instant`() throws {
        var run = try ConfiguredRun("zone: UTC\nsources: {collector: {adapter: smartmeter-datacollector}}")
        let words = ["ACTIVE_POWER_P", "ACTIVE_POWER_N", "ACTIVE_ENERGY_P"]
        for (round, values) in [[0, 900, 5], [500, 0, 5], [500, 20, 5], [0, 0, 5]].enumerated() {
            var out: [Publication] = []
            for (word, value) in zip(words, values) {
                out += run.send(
                    "smartmeter/LGZ1030655900017/\(word)",
                    "{\"value\": \(value).0, \"timestamp\": \(1_795_176_000 + round * 5)}", after: 30)
            }
            out += run.wait(4000)
            #expect(out.texts("/obis/1-0:16.7.0") == ["\(values[0] - values[1])"])
        }
    }

    @Test func `a telegram of a meter that does not net has both sides of one instant`() throws {
        var run = try ConfiguredRun("zone: UTC\nsources: {p1: {adapter: p1, subscribe: p1, crc: off}}")
        var lines = P1Sample.lines
        lines[10] = "1-0:1.7.0(00.412*kW)"
        lines[11] = "1-0:2.7.0(01.500*kW)"
        let out = run.send("p1", lines.joined(separator: "\r\n") + "\r\n")
        #expect(out.texts("/obis/1-0:16.7.0") == ["-1088"], "\(out.map(\.topic))")
        #expect(out.texts("/info").last?.contains("\"netting\":\"phases\"") == true)
    }

    /// What holds for the net power holds for every register that is computed from momentary values.
    @Test func `other computed powers are of one instant too`() throws {
        let profile =
            "profile: {derived: {\"1-0:36.7.0\": {add: [21.7.0], subtract: [22.7.0], max_age: 2 intervals}, "
            + "\"1-0:15.7.0\": {add: [1.7.0, 2.7.0], max_age: 2 intervals}}}"
        var run = try ConfiguredRun(Self.gplug + "\n" + profile)
        run.send(
            "tele/gPlugD_A/SENSOR",
            Step(0, "\"SMid\":\"3130303030303231\",\"Pi\":0,\"Po\":0.9,\"P1i\":0,\"P1o\":300", nil).payload)
        #expect(run.published.texts("/obis/1-0:36.7.0") == ["-300"])
        #expect(run.published.texts("/obis/1-0:15.7.0") == ["900"])
        let out =
            run.send("tele/gPlugD_A/SENSOR", Step(4, "\"P1i\":200", nil).payload, after: 4000)
            + run.send("tele/gPlugD_A/SENSOR", Step(4, "\"Pi\":0.5", nil).payload, after: 10)
        #expect(out.texts("/obis/1-0:36.7.0").isEmpty)
        #expect(out.texts("/obis/1-0:15.7.0").isEmpty)
        let partner = run.send("tele/gPlugD_A/SENSOR", Step(4, "\"P1o\":0", nil).payload, after: 10)
        #expect(partner.texts("/obis/1-0:36.7.0") == ["200"])
    }
}
