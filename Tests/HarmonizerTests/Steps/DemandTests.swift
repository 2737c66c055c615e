// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

/// The quarter-hour demand of meters that do not send it: docs/profile.md, "Quarter-hour demand".
@Suite struct DemandTests {
    private static let (running, last, peak) = ("1-0:1.4.0", "1-0:1.5.0", "1-0:1.6.0")

    private func pipeline(
        at start: Int64, meter: String? = nil, _ settings: String = "demand: on", meters: [MeterEntry] = []
    ) throws -> TestPipeline {
        let zone = try #require(Zone("Europe/Brussels"))
        var pipeline = try TestPipeline(
            [TestPipeline.source(meter: meter, zone: zone)], meters: meters, profile: settings)
        pipeline.now = Timestamp(seconds: start)
        return pipeline
    }

    // MARK: - Streams

    /// A stream and the month that its second half is in.
    struct Stream: Sendable, CustomTestStringConvertible {
        var name: String
        /// UTC.
        var begin: String
        var hours: Int64
        /// Seconds between two readings, and the second after the full one at which they come.
        var every: Int64
        var phase: Int64 = 3
        /// Local midnights at which a month begins, as UTC, so that nothing here computes zones.
        var monthBegins: [String]
        /// Seconds after `begin` at which readings are missing.
        var gaps: [Range<Int64>] = []

        var testDescription: String { name }
    }

    static let streams = [
        Stream(
            name: "every 10 s over the night of 25 hours", begin: "2026-10-24T20:20:00Z", hours: 9, every: 10,
            monthBegins: []),
        Stream(
            name: "every 10 s over the night of 23 hours", begin: "2027-03-27T21:10:00Z", hours: 8, every: 10,
            monthBegins: []),
        Stream(
            name: "every minute over the longer night and the end of the month", begin: "2026-10-24T12:00:00Z",
            hours: 24 * 8, every: 60, monthBegins: ["2026-10-31T23:00:00Z"]),
        Stream(
            name: "every minute over the shorter night and the end of the month", begin: "2027-03-27T12:00:00Z",
            hours: 24 * 6, every: 60, monthBegins: ["2027-03-31T22:00:00Z"]),
        Stream(
            name: "every 5 min over two months", begin: "2026-12-20T12:00:00Z", hours: 24 * 50, every: 300,
            monthBegins: ["2026-12-31T23:00:00Z", "2027-01-31T23:00:00Z"]),
        Stream(
            name: "every 5 min on the full ones", begin: "2026-12-31T12:00:00Z", hours: 30, every: 300, phase: 0,
            monthBegins: ["2026-12-31T23:00:00Z"]),
        Stream(
            name: "every minute with gaps", begin: "2026-11-30T12:00:00Z", hours: 24, every: 60,
            monthBegins: ["2026-11-30T23:00:00Z"],
            // Within a quarter, over an edge, over the end of the month, over an hour.
            gaps: [1000..<1600, 5000..<5800, 39_300..<40_000, 50_000..<54_000]),
    ]

    /// What the counter shows, in Wh: another power every seven minutes.
    private static func samples(_ stream: Stream) throws -> [(time: Int64, energy: Int64)] {
        let begin = try #require(RFC3339.instant(stream.begin)).seconds
        var (random, energy) = (UInt64(stream.every) &* 7919, 12_345_678.0)
        var power = 0.0
        return stride(from: stream.phase, to: stream.hours * 3600, by: Int64.Stride(stream.every)).compactMap {
            offset in
            if offset / 420 != (offset - stream.every) / 420 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                power = Double(random >> 40) / Double(1 << 24) * 9000
            }
            energy += power * Double(stream.every) / 3600
            return stream.gaps.contains { $0.contains(offset) } ? nil : (begin + offset, Int64(energy))
        }
    }

    /// The averages of quarters by their ends, in W, from all samples at once.
    private static func averages(_ samples: [(time: Int64, energy: Int64)]) -> [Int64: Double] {
        func counter(_ edge: Int64) -> Double? {
            guard let after = samples.firstIndex(where: { $0.time >= edge }) else { return nil }
            if samples[after].time == edge { return Double(samples[after].energy) }
            guard after > 0, samples[after].time - samples[after - 1].time <= 330 else { return nil }
            let (one, two) = (samples[after - 1], samples[after])
            return Double(one.energy)
                + Double(two.energy - one.energy) * Double(edge - one.time) / Double(two.time - one.time)
        }
        var known: [Int64: Double] = [:]
        guard let (first, last) = samples.first.flatMap({ one in samples.last.map { (one.time, $0.time) } }) else {
            return [:]
        }
        var before: Double?
        for edge in stride(from: (first + 899) / 900 * 900, through: last, by: 900) {
            let here = counter(edge)
            if let before, let here { known[edge] = (here - before) * 4 }
            before = here
        }
        return known
    }

    @Test(arguments: streams) func `each quarter and each month's peak is that of the whole stream`(_ stream: Stream)
        throws
    {
        let samples = try Self.samples(stream)
        let averages = Self.averages(samples)
        let months = try stream.monthBegins.map { try #require(RFC3339.instant($0)).seconds }
        func month(_ end: Int64) -> Int { months.count { $0 < end } }
        var pipeline = try pipeline(at: samples[0].time)
        var peaks: [Int: (power: Double, end: Int64)] = [:]
        var (seen, former) = (Set<Int64>(), Int64(0))
        for (index, sample) in samples.enumerated() {
            let text = "id=9 t=\(sample.time) 1-0:1.8.0=\(Double(sample.energy) / 1000)kWh"
            let out = pipeline.send("in/a", text, after: index == 0 ? 0 : (sample.time - former) * 1000)
            let edge = sample.time / 900 * 900
            let isFirst = former / 900 != sample.time / 900
            former = sample.time
            guard isFirst else { continue }
            if let average = averages[edge], average > peaks[month(edge)]?.power ?? -1 {
                peaks[month(edge)] = (average, edge)
            }
            let registers = out.registers
            let power = registers[Self.last].flatMap { Double($0) }
            #expect((power == nil) == (averages[edge] == nil), "the quarter to \(edge)")
            guard let power, let average = averages[edge] else { continue }
            seen.insert(edge)
            #expect(abs(power - average) <= 1.5, "the quarter to \(edge)")
            guard let highest = peaks[month(edge + 1)] else {
                #expect(registers[Self.peak] == nil, "the first quarter after \(edge)")
                continue
            }
            let found = Self.register(Self.peak, of: out)
            #expect(abs((Double(found.value) ?? -9) - highest.power) <= 1.5, "the peak at \(edge)")
            #expect(found.time == Self.text(highest.end), "the peak's time at \(edge)")
        }
        #expect(seen.count == averages.count && seen.count > 20)
    }

    @Test func `a reader that comes every six minutes has no demand`() throws {
        let stream = Stream(
            name: "", begin: "2026-11-20T12:00:00Z", hours: 12, every: 360, phase: 17, monthBegins: [])
        let samples = try Self.samples(stream)
        var pipeline = try pipeline(at: samples[0].time)
        for sample in samples {
            let out = pipeline.send(
                "in/a", "id=9 t=\(sample.time) 1-0:1.8.0=\(Double(sample.energy) / 1000)kWh", after: 360_000)
            #expect(Set(out.registers.keys) == ["1-0:1.8.0"])
        }
    }

    @Test(arguments: [("0", false), ("0.1", false), ("0.25", true), ("0.01", true), ("0.001", true)])
    func `only a counter with steps of ten watt hours or less has demand`(_ step: String, _ hasDemand: Bool) throws {
        var pipeline = try pipeline(at: 1_795_219_200)
        var registers: [String: String] = [:]
        for index in 0..<40 {
            let energy = (Double(step) ?? 0) * Double(index) + 100
            registers =
                pipeline.send(
                    "in/a", "id=9 t=\(1_795_219_200 + index * 60) 1-0:1.8.0=\(String(format: "%.3f", energy))kWh",
                    after: 60_000
                ).registers
        }
        #expect((registers[Self.running] != nil) == hasDemand)
    }

    private static func register(_ code: String, of out: [Publication]) -> (value: String, time: String?) {
        let reading = out.readings.last
        let register = (reading?["registers"] as? [String: [String: Any]])?[code]
        return ("\(register?["value"] ?? "")", (register?["time"] ?? reading?["time"]) as? String)
    }

    private static func text(_ seconds: Int64) -> String {
        var bytes: [UInt8] = []
        RFC3339.append(Timestamp(seconds: seconds), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: - One after the other

    /// Full quarters of 2026-11-20, 00:00 UTC and later.
    private static let midnight: Int64 = 1_795_132_800

    /// Sends the counter every minute, on the minute.
    ///
    /// - Parameters:
    ///   - power: W by minute.
    private func run(
        _ pipeline: inout TestPipeline, from start: Int64, energy: inout Int64, _ power: [Int64], id: String = "9",
        more: String = ""
    ) -> [Publication] {
        var out: [Publication] = []
        for (minute, watts) in power.enumerated() {
            let time = start + Int64(minute) * 60
            pipeline.now = Timestamp(seconds: time)
            out = pipeline.send(
                "in/a",
                "id=\(id) t=\(time) 1-0:1.8.0=\(ExactDecimal(energy, exponent: -6).description)kWh 1-0:1.7.0=\(watts)W"
                    + more)
            energy += watts * 1_000_000 / 60_000
        }
        return out
    }

    private func values(_ out: [Publication]) -> [String: Double] {
        let state = out.payloads("/state").last.map { out.object($0) }
        return (state?["values"] as? [String: Any] ?? [:]).compactMapValues { Double("\($0)") }
    }

    @Test func `the running quarter rises, and what it will come to follows from the power`() throws {
        var pipeline = try pipeline(at: Self.midnight)
        var energy: Int64 = 100_001_000
        var out = run(&pipeline, from: Self.midnight, energy: &energy, Array(repeating: 3000, count: 6))
        // Five minutes of 3 kW are 1 kW over a quarter; ten more of them make 3 kW.
        #expect(values(out)["demand_import"] == 1000 && values(out)["demand_import_expected"] == 3000)
        out = run(&pipeline, from: Self.midnight + 360, energy: &energy, [6000, 6000])
        // 6 min of 3 kW, 1 min of 6 kW, 8 min to come.
        #expect(values(out)["demand_import"] == 1600 && values(out)["demand_import_expected"] == 4800)
        out = run(&pipeline, from: Self.midnight + 480, energy: &energy, Array(repeating: 0, count: 8))
        #expect(values(out)["demand_import"] == 0 && values(out)["demand_import_last"] == 2000)
        #expect(values(out)["demand_import_max"] == 2000 && values(out)["demand_import_year"] == 2000)
        #expect(Self.register(Self.peak, of: out).time == "2026-11-20T00:15:00Z")
        let peak = (out.readings.last?["registers"] as? [String: [String: Any]])?[Self.peak]
        #expect(peak?["derived"] as? Bool == true)
    }

    @Test func `it is off unless somebody asks for it, and one meter may differ`() throws {
        func has(_ settings: String, _ own: DemandSettings? = nil) throws -> Bool {
            let entry = MeterEntry(id: "9", name: nil, rawIDs: ["9"], demand: own, place: "bridge.yaml:3")
            var pipeline = try pipeline(at: Self.midnight, settings, meters: [entry])
            var energy: Int64 = 100_001_000
            return run(&pipeline, from: Self.midnight, energy: &energy, [900, 900]).registers[Self.running] != nil
        }
        #expect(try !has("{}"))
        #expect(try has("demand: on"))
        #expect(try has("demand: {floor: 2.5 kW}"))
        #expect(try !has("demand: {floor: 2.5 kW, enabled: false}"))
        #expect(try !has("demand: on", .off))
        #expect(try has("{}", DemandSettings(isEnabled: true)))
    }

    @Test func `a reload keeps what is known while it is on, and nothing of it once it is off`() throws {
        var pipeline = try pipeline(at: Self.midnight)
        var energy: Int64 = 100_001_000
        _ = run(&pipeline, from: Self.midnight, energy: &energy, Array(repeating: 1200, count: 20))
        func reload(_ profile: String) throws {
            var settings = pipeline.pipeline.settings
            settings.profile = try Profile(yaml: profile)
            _ = pipeline.pipeline.reload(settings, at: pipeline.now)
        }
        try reload("{demand: on, guards: {max_power: 40 kW}}")
        var out = run(&pipeline, from: Self.midnight + 20 * 60, energy: &energy, Array(repeating: 600, count: 12))
        #expect(out.registers[Self.last] == "800" && out.registers[Self.peak] == "1200")
        try reload("{}")
        out = run(&pipeline, from: Self.midnight + 32 * 60, energy: &energy, [600])
        #expect(Set(out.registers.keys).isDisjoint(with: [Self.running, Self.last, Self.peak]))
        #expect(out.payloads("/state").last?.contains("demand") == false)
    }

    @Test func `switched off over a restart, nothing of it stays on the broker`() throws {
        var pipeline = try pipeline(at: Self.midnight)
        var energy: Int64 = 100_001_000
        let before = run(&pipeline, from: Self.midnight, energy: &energy, Array(repeating: 1200, count: 20))
        #expect(before.registers[Self.peak] == "1200")
        let kept = Dictionary(before.filter(\.isRetained).map { ($0.topic, $0) }) { $1 }
        func restarted(_ profile: String) throws -> [Publication] {
            var settings = pipeline.pipeline.settings
            settings.profile = try Profile(yaml: profile)
            var next = Pipeline(settings)
            for topic in kept.keys.sorted() where topic.hasSuffix("/info") || topic.hasSuffix("/state") {
                guard let message = kept[topic] else { continue }
                next.restore(
                    RawMessage(topic: topic, payload: message.payload, isRetained: true, received: pipeline.now))
            }
            return next.finishRestoring()
        }
        let cleared = try restarted("{}")
        #expect(cleared.allSatisfy { $0.payload.isEmpty && $0.isRetained })
        #expect(cleared.map(\.topic) == ["harmonized/v1/meter/9/obis/\(Self.peak)"], "what the broker keeps")
        #expect(try restarted("demand: on").isEmpty)
    }

    @Test func `it says what is missing once, and nothing where it may still come`() throws {
        func said(_ energies: [String], every seconds: Int64) throws -> [String] {
            var pipeline = try pipeline(at: Self.midnight, "demand: on")
            var time = Self.midnight + 60
            for energy in energies {
                let counter = energy.isEmpty ? "" : " 1-0:1.8.0=\(energy)kWh"
                _ = pipeline.send("in/a", "id=9 t=\(time)\(counter) 1-0:1.7.0=5W")
                time += seconds
                pipeline.now = Timestamp(seconds: time)
            }
            return pipeline.pipeline.takeDiagnostics().map(\.description).filter {
                $0.contains("no quarter-hour demand")
            }
        }
        #expect(try said(Array(repeating: "", count: 34), every: 60).isEmpty)
        #expect(try said(Array(repeating: "", count: 90), every: 60).count == 1)
        #expect(try said(Array(repeating: "100", count: 90), every: 60).isEmpty, "a counter that stands still")
        #expect(try said((0..<90).map { "\(100 + $0)" }, every: 60).count == 1)
        #expect(try said((0..<90).map { "100.\(100 + $0)" }, every: 60).isEmpty)
        #expect(try said((0..<9).map { "100.\(100 + $0)" }, every: 900).count == 1)
    }

    @Test func `a quarter that has no reading near an edge is no peak, whatever was used in it`() throws {
        var pipeline = try pipeline(at: Self.midnight)
        var energy: Int64 = 100_001_000
        _ = run(&pipeline, from: Self.midnight, energy: &energy, Array(repeating: 1200, count: 40))
        // 50 kWh while nobody listened, from 00:39 to 00:52.
        energy += 50_000_000
        let out = run(&pipeline, from: Self.midnight + 52 * 60, energy: &energy, Array(repeating: 600, count: 20))
        #expect(out.registers[Self.last] == nil && out.registers[Self.peak] == "1200")
        #expect(out.payloads("/state").last?.contains("\"quarters\":2") == true)
        let later = run(&pipeline, from: Self.midnight + 72 * 60, energy: &energy, Array(repeating: 600, count: 10))
        #expect(later.registers[Self.last] == "600")
    }

    @Test func `the mean of twelve months counts each of them at the floor or above`() throws {
        var pipeline = try pipeline(at: Self.midnight, "demand: {floor: 2.5 kW}")
        var energy: Int64 = 100_001_000
        var peaks: [Int64] = []
        for month in 0..<14 {
            let power = Int64(month) * 600
            peaks.append(max(2500, power))
            let start = Self.midnight + Int64(month) * 30 * 86_400 + (month > 2 ? 86_400 : 0)
            let out = run(&pipeline, from: start, energy: &energy, Array(repeating: power, count: 17))
            let known = peaks.suffix(12)
            let mean = Double(known.reduce(0, +)) / Double(known.count)
            #expect(values(out)["demand_import_year"] == mean.rounded(), "month \(month)")
            #expect(values(out)["demand_import_max"] == Double(power), "month \(month)")
            energy += 2_000_000
        }
    }

    @Test func `a meter that sends its own keeps it, and its own months make the mean`() throws {
        var pipeline = try pipeline(at: Self.midnight, "demand: on")
        var energy: Int64 = 100_001_000
        let own = " 1-0:1.4.0=77W 1-0:1.5.0=88W 1-0:1.6.0=4000W@1795046400"
        let out = run(&pipeline, from: Self.midnight, energy: &energy, Array(repeating: 9000, count: 17), more: own)
        #expect(out.registers[Self.running] == "77" && out.registers[Self.last] == "88")
        #expect(out.registers[Self.peak] == "4000")
        #expect(values(out)["demand_import_year"] == 4000)
        // It goes on with them when one message lacks them.
        let lacking = run(&pipeline, from: Self.midnight + 17 * 60, energy: &energy, [9000])
        #expect(Set(lacking.registers.keys).isDisjoint(with: [Self.running, Self.last, Self.peak]))
    }

    @Test func `another meter makes no peak, and those of before stay`() throws {
        var pipeline = try pipeline(at: Self.midnight, meter: "house")
        var energy: Int64 = 100_001_000
        _ = run(&pipeline, from: Self.midnight, energy: &energy, Array(repeating: 1200, count: 20))
        var other: Int64 = 900_000_000
        var out = run(
            &pipeline, from: Self.midnight + 20 * 60, energy: &other, Array(repeating: 600, count: 15), id: "10")
        #expect(out.registers[Self.last] == nil && out.registers[Self.peak] == "1200")
        out = run(&pipeline, from: Self.midnight + 35 * 60, energy: &other, Array(repeating: 600, count: 15), id: "10")
        #expect(out.registers[Self.last] == "600" && out.registers[Self.peak] == "1200")
    }

    @Test func `a jump that somebody accepts is no peak`() throws {
        var pipeline = try pipeline(at: Self.midnight)
        var energy: Int64 = 100_001_000
        _ = run(&pipeline, from: Self.midnight, energy: &energy, Array(repeating: 1200, count: 20))
        energy += 900_000_000
        _ = run(&pipeline, from: Self.midnight + 20 * 60, energy: &energy, [1200])
        _ = pipeline.pipeline.command(
            Array(#"{"command":"accept","meter":"9","request":"1"}"#.utf8), at: pipeline.now)
        let out = run(&pipeline, from: Self.midnight + 21 * 60, energy: &energy, Array(repeating: 1200, count: 10))
        #expect(out.registers["1-0:1.8.0"] != nil)
        #expect(out.registers[Self.last] == nil && out.registers[Self.peak] == "1200")
    }

    @Test func `a clock that is set back over the end of a month goes on with the month before`() throws {
        // 2026-11-30T23:00:00Z is midnight in Brussels.
        let end: Int64 = 1_796_079_600
        var pipeline = try pipeline(at: end - 1800)
        var energy: Int64 = 100_001_000
        _ = run(
            &pipeline, from: end - 1800, energy: &energy,
            Array(repeating: 3000, count: 30) + Array(repeating: 600, count: 18))
        // The meter's clock goes back by half an hour, the bridge's does not.
        for minute in 0..<6 {
            let out = pipeline.send(
                "in/a",
                "id=9 t=\(end - 600 + Int64(minute) * 60) 1-0:1.8.0=\(ExactDecimal(energy, exponent: -6).description)kWh",
                after: 60_000)
            if minute == 5 { #expect(out.registers[Self.peak] == "3000") }
        }
    }

    // MARK: - Restart

    private func kept(restartBefore stop: Int?) throws -> [String] {
        // Over the end of November in Brussels.
        let begin: Int64 = 1_796_079_600 - 1500
        var pipeline = try pipeline(at: begin, "demand: {floor: 500 W}")
        var kept: [String: Publication] = [:]
        var states: [String] = []
        var energy = 100_000
        for step in 0..<40 {
            let time = begin + Int64(step) * 100
            pipeline.now = Timestamp(seconds: time)
            if step == stop {
                pipeline = try self.pipeline(at: time, "demand: {floor: 500 W}")
                for publication in kept.values {
                    _ = pipeline.pipeline.restore(
                        RawMessage(
                            topic: publication.topic, payload: publication.payload, isRetained: true,
                            received: pipeline.now))
                }
                pipeline.pipeline.connected(at: Timestamp(seconds: time - 1), isResumed: true)
            }
            energy += step % 11 * 13
            let clock = step % 10 == 4 ? "" : "t=\(time) "
            let out = pipeline.send("in/a", "id=9 \(clock)1-0:1.8.0=\(Double(energy) / 1000)kWh 1-0:1.7.0=\(step * 9)W")
            for publication in out where publication.isRetained { kept[publication.topic] = publication }
            states += out.payloads("/state") + out.payloads("/reading")
        }
        return states
    }

    @Test func `a restart between any two messages changes no quarter and no peak`() throws {
        let whole = try kept(restartBefore: nil)
        #expect(whole.contains { $0.contains("\"month\":\"2026-12\"") && $0.contains("\"month\":\"2026-11\"") })
        // Before the third message the bridge does not know the meter's pace, which is another matter.
        for stop in 2..<40 {
            let broken = try kept(restartBefore: stop)
            let different = zip(broken, whole).first { $0 != $1 }
            #expect(different.map { "\($0) and not \($1)" } == nil, "before message \(stop)")
            #expect(broken.count == whole.count)
        }
    }
}
