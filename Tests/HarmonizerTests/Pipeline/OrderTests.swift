// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What comes late, and clocks that are set back.
@Suite struct OrderTests {
    static let start: Int64 = 1_795_217_228

    private func pipeline(_ profile: String = "{}") throws -> TestPipeline {
        try TestPipeline([TestPipeline.source()], profile: profile)
    }

    private func reading(_ second: Int64, kWh: Int64 = 9, _ words: String = "") -> String {
        "id=1 t=\(Self.start + second) 1-0:1.7.0=\(abs(second) % 5000)W 1-0:1.8.0=\(kWh)kWh \(words)"
    }

    @Test func `a late message is in reading and nowhere else`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", reading(0))
        _ = pipeline.send("in/a", reading(10, kWh: 10), after: 10_000)
        let late = pipeline.send("in/a", reading(5, kWh: 9, "1-0:2.7.0=3W"), after: 100)
        #expect(late.topics == ["harmonized/v1/meter/1/reading"])
        #expect(late.rules == [["time.out-of-order"]])
        #expect(late.registers["1-0:16.7.0"] == nil, "no derived register of old values")
        #expect(
            late.payloads("/reading")[0].contains(
                "{\"rule\":\"time.out-of-order\",\"level\":\"doubt\",\"fields\":[\"time\"],\"action\":\"hold\"}"))
        let next = pipeline.send("in/a", reading(20, kWh: 11), after: 9900)
        #expect(next.rules == [[]] && !next.payloads("/state")[0].contains("1-0:2.7.0"))
    }

    @Test func `several messages of the same second are all current`() throws {
        var pipeline = try pipeline()
        for _ in 0..<5 { #expect(pipeline.send("in/a", reading(0)).rules == [[]]) }
    }

    @Test func `three messages whose clock runs on from an earlier time are a clock set back`() throws {
        var pipeline = try pipeline()
        for step in 0..<3 { _ = pipeline.send("in/a", reading(Int64(step) * 10), after: 10_000) }
        var orders: [[String]] = []
        for step in 0..<4 { orders += pipeline.send("in/a", reading(-2000 + Int64(step) * 10), after: 10_000).rules }
        #expect(orders == [["time.out-of-order"], ["time.out-of-order"], ["time.set-back"], []])
        #expect(pipeline.send("in/a", reading(-1960), after: 10_000).payloads("/state").count == 1)
    }

    @Test(arguments: [1000, 5000, 60_000, 900_000] as [Int64])
    func `a clock of any pace may be set back`(interval: Int64) throws {
        var pipeline = try pipeline()
        for step in 0..<3 { _ = pipeline.send("in/a", reading(Int64(step) * interval / 1000), after: interval) }
        let back = (0..<6).flatMap {
            pipeline.send("in/a", reading(-5000 + Int64($0) * interval / 1000), after: interval + 137).rules
        }
        #expect(back.filter { $0 == ["time.set-back"] }.count == 1)
        #expect(back.last == [])
    }

    @Test func `the backlog of an hour that comes late is no clock set back`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", reading(3600, kWh: 20), after: 3_600_000)
        let late = (0..<360).map { pipeline.send("in/a", reading(Int64($0) * 10), after: 3) }
        #expect(late.allSatisfy { $0.rules == [["time.out-of-order"]] && $0.payloads("/state").isEmpty })
        let next = pipeline.send("in/a", reading(3610, kWh: 21), after: 8920)
        #expect(next.rules == [[]] && next.payloads("/state")[0].contains("\"1-0:1.8.0\":{\"value\":21"))
    }

    @Test func `times of the bridge are not compared with those of the meter`() throws {
        var pipeline = try pipeline()
        // The meter's clock is four minutes ahead, and every second message has no time.
        for step in 0..<6 {
            let time = step % 2 == 0 ? "t=\(Self.start + 240 + Int64(step) * 10) " : ""
            let out = pipeline.send("in/a", "id=1 \(time)1-0:1.7.0=\(step)W", after: 10_000)
            #expect(!out.rules.flatMap(\.self).contains("time.out-of-order") && out.payloads("/state").count == 1)
        }
    }

    @Test func `the profile may merge late messages`() throws {
        for (policy, rules) in [("flag", ["time.out-of-order"]), ("off", [])] {
            var pipeline = try pipeline("fixes: {time.out-of-order: \(policy)}")
            _ = pipeline.send("in/a", reading(10))
            let late = pipeline.send("in/a", reading(0), after: 100)
            #expect(late.rules == [rules] && late.payloads("/state").count == 1)
        }
    }

    @Test(
        arguments: [
            (301, ["time.future"]), (300, []), (-86_400, []), (-86_401, ["time.too-old"]),
            (-40 * 86_400, ["time.too-old"]),
        ] as [(Int64, [String])])
    func `a clock far from the arrival is not believed`(second: Int64, rules: [String]) throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", reading(second))
        #expect(out.rules == [rules])
        #expect(out.readings[0]["time_source"] as? String == (rules.isEmpty ? "meter" : "bridge"))
        if !rules.isEmpty { #expect(out.readings[0]["time"] as? String == "2026-11-20T23:27:08Z") }
    }

    @Test func `limits are the profile's`() throws {
        var pipeline = try pipeline("time: {max_age: 1h, max_ahead: 10s}")
        #expect(pipeline.send("in/a", reading(11)).rules == [["time.future"]])
        #expect(pipeline.send("in/b", reading(-3601)).rules == [["time.too-old"]])
    }
}
