// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

/// The own times of registers: captures of gas, water and heat meters, and of peaks.
@Suite struct CaptureTimeTests {
    private func gas(_ pipeline: inout TestPipeline, _ volume: String, stamp: Int64, clock: Int64 = 0) -> [Publication]
    {
        let now = (pipeline.now + .seconds(10)).seconds
        return pipeline.send(
            "in/a", "id=1 t=\(now + clock) gas=1:G1 1-0:1.7.0=5W 0-1:24.2.1=\(volume)m³@\(now + stamp)", after: 10_000)
    }

    private func time(_ out: [Publication]) -> String? {
        (out.readings.last?["registers"] as? [String: [String: Any]])?["0-1:24.2.1"]?["time"] as? String
    }

    @Test(arguments: [21_600, 172_800, 1_419_120_000] as [Int64])
    func `a capture in the future is left out and said, and widens no limit`(ahead: Int64) throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = gas(&pipeline, "1023.855", stamp: -300)
        let future = gas(&pipeline, "1023.855", stamp: ahead)
        #expect(future.rules == [["time.future"]] && time(future) == nil)
        let jump = gas(&pipeline, "91023.855", stamp: ahead)
        #expect(Set(jump.rules[0]) == ["time.future", "counter.jump"])
        #expect(jump.registers["0-1:24.2.1"] == nil)
        #expect(gas(&pipeline, "1023.901", stamp: -300).registers["0-1:24.2.1"] == "1023.901")
    }

    @Test func `whoever wants what was sent gets it, with a flag`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()], profile: "fixes: {time.future: flag}")
        let out = gas(&pipeline, "1023.855", stamp: 86_400)
        #expect(out.rules == [["time.future"]] && time(out) == "2026-11-21T23:27:18Z")
    }

    @Test func `a gas meter that died years ago keeps the stamp of its last reading`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        let out = pipeline.send("in/a", "id=1 t=1795217228 gas=1:G1 0-1:24.2.1=1.287m³@1500000000")
        #expect(out.rules == [[]] && time(out) == "2017-07-14T02:40:00Z")
        #expect(pipeline.send("in/a", "id=1 t=1795217228 gas=1:G1 0-1:24.2.1=1.287m³@60").rules == [["time.unsynced"]])
    }

    @Test func `what is learned of the meter's clock holds for its captures`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        var out: [Publication] = []
        for _ in 0..<25 { out = gas(&pipeline, "100", stamp: 3600 - 300, clock: 3600) }
        #expect(out.rules == [["time.zone-error"]])
        #expect(time(out) == (pipeline.now - .minutes(5)).description.replacing(".000Z", with: "Z"))
        #expect(out.payloads("/reading")[0].contains("\"fields\":[\"time\",\"0-1:24.2.1\"]"))
    }

    @Test(arguments: [172_800, -25_920_000] as [Int64])
    func `a clock that is not believed stamps no captures`(off: Int64) throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        let out = gas(&pipeline, "100", stamp: off - 300, clock: off)
        #expect(out.readings.last?["time_source"] as? String == "bridge" && time(out) == nil)
        #expect(out.rules == [[off > 0 ? "time.future" : "time.too-old"]])
        #expect(out.payloads("/reading")[0].contains("\"0-1:24.2.1\"],\"action\""))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func `no published time of a register lies after its arrival`(
        seed: UInt64
    ) throws {
        var random = SplitMix64(state: seed)
        var pipeline = try TestPipeline([TestPipeline.source()])
        let clock = random.element(of: [0, 5, 60, 290, 3600, -3600, 7200, 90_000, -900_000] as [Int64])
        var count = 0
        for _ in 0..<60 {
            // What the clock is off, and how old the capture is: most have just been made.
            let age = random.element(
                of: [0, 1, 2, 10, 300, 3600, 86_400, -1, -20, -200, -7200, -500_000_000] as [Int64])
            let out = gas(&pipeline, "\(100 + count)", stamp: clock - age, clock: clock)
            for reading in out.readings {
                let received = try #require((reading["received"] as? String).flatMap { RFC3339.instant($0) })
                for (code, register) in reading["registers"] as? [String: [String: Any]] ?? [:] {
                    guard let own = (register["time"] as? String).flatMap({ RFC3339.instant($0) }) else { continue }
                    count += 1
                    #expect(own <= received, "\(code) \(own), received \(received), clock \(clock), age \(age)")
                }
            }
        }
        // A clock that is not believed stamps nothing.
        #expect(count > 5 || clock.magnitude > 300)
    }

    @Test func `in the hour that autumn repeats a capture is never after its arrival`() throws {
        let zone = try #require(Zone("Europe/Amsterdam"))
        func instant(_ wall: String, at arrival: String, ahead: TimeSpan = .seconds(10)) throws -> String {
            let face = try #require(RFC3339.parse(wall)).wall
            let received = try #require(RFC3339.instant(arrival))
            return zone.instant(face, near: received, ahead: ahead).description
        }
        #expect(try instant("2025-10-26T02:00:00", at: "2025-10-26T00:05:00Z") == "2025-10-26T00:00:00Z")
        #expect(try instant("2025-10-26T02:00:00", at: "2025-10-26T00:59:00Z") == "2025-10-26T00:00:00Z")
        #expect(try instant("2025-10-26T02:00:00", at: "2025-10-26T01:05:00Z") == "2025-10-26T01:00:00Z")
        // A clock may be a little ahead.
        #expect(try instant("2025-10-26T02:00:02", at: "2025-10-26T00:59:58Z") == "2025-10-26T01:00:02Z")
    }
}

/// A gas, water or heat meter is exchanged on its own.
@Suite struct SubmeterExchangeTests {
    private func send(_ pipeline: inout TestPipeline, _ words: String) -> [Publication] {
        let time = (pipeline.now + .seconds(10)).seconds
        return pipeline.send("in/a", "id=1 t=\(time) 1-0:1.8.0=5kWh \(words)", after: 10_000)
    }

    @Test(arguments: ["1.887", "0"]) func `a new serial on the channel begins anew, also from zero`(volume: String)
        throws
    {
        var pipeline = try TestPipeline([TestPipeline.source()])
        for _ in 0..<3 { _ = send(&pipeline, "gas=1:G701 0-1:24.2.1=6805.899m³") }
        let out = send(&pipeline, "gas=1:G702 0-1:24.2.1=\(volume)m³")
        #expect(out.rules == [["counter.confirmed"]] && out.registers["0-1:24.2.1"] == volume)
        #expect(out.payloads("obis/0-1:24.2.1") == [volume])
        #expect(
            pipeline.pipeline.takeDiagnostics().map(\.description).contains {
                $0.contains("gas meter G702 instead of G701 on channel 1")
            })
        #expect(send(&pipeline, "gas=1:G702 0-1:24.2.1=\(volume)m³").rules == [[]])
    }

    @Test func `what the new one does not send at once is cleared`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = send(&pipeline, "gas=1:G701 0-1:24.2.1=6805.899m³ 0-1:24.2.3=7000m³")
        let out = send(&pipeline, "gas=1:G702 0-1:24.2.1=1m³")
        #expect(out.filter { $0.payload.isEmpty }.map(\.topic) == ["harmonized/v1/meter/1/obis/0-1:24.2.3"])
        #expect(!out.payloads("/state")[0].contains("0-1:24.2.3"))
    }

    @Test func `an id that comes back, appears or is lost is no exchange`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = send(&pipeline, "gas=1 0-1:24.2.1=6805.899m³")
        #expect(send(&pipeline, "gas=1:G701 0-1:24.2.1=0m³").rules == [["counter.zero"]], "the first id")
        _ = send(&pipeline, "gas=1:G7x1 0-1:24.2.1=6805.900m³")
        #expect(send(&pipeline, "gas=1:G701 0-1:24.2.1=0m³").rules == [["counter.zero"]], "a bit that was lost once")
        #expect(send(&pipeline, "gas=1 0-1:24.2.1=0m³").rules == [["counter.zero"]], "no id")
    }

    @Test func `the exchange of one channel leaves the others and the meter alone`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = send(&pipeline, "gas=1:G701 gas=2:G801 0-1:24.2.1=100m³ 0-2:24.2.1=200m³")
        let out = send(&pipeline, "gas=1:G702 gas=2:G801 0-1:24.2.1=1m³ 0-2:24.2.1=2m³ 1-0:1.8.0=1kWh")
        #expect(Set(out.rules[0]) == ["counter.confirmed", "counter.decrease"])
        #expect(out.registers["0-1:24.2.1"] == "1" && out.registers["0-2:24.2.1"] == nil)
    }
}
