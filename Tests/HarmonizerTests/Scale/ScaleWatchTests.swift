// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

/// Powers of ten that a meter's own registers give away.
@Suite struct ScaleWatchTests {
    /// A house whose load wanders between 1 and 6 kW, a reading a minute.
    private struct Wandering {
        var pipeline: TestPipeline
        var random = SplitMix64(state: 7)
        var retained: [String: [UInt8]] = [:]
        let source: Source
        /// The power of ten that each quantity is off by, as its reader sends it.
        var voltage = 0
        var current = 0
        var power = 0
        var phasePower: Int?
        var loads = 1000...6000

        init(isAutomatic: Bool) throws {
            var source = TestPipeline.source(meter: "m-1")
            source.scale = ScaleRule(isAutomatic: isAutomatic, place: "bridge.yaml:5")
            self.source = source
            pipeline = try TestPipeline([source])
        }

        mutating func minute() -> [Publication] {
            let load = Int.random(in: loads, using: &random)
            let (volts, milliamperes) = (230, load * 1000 / 230 / 3)
            func text(_ mantissa: Int, _ exponent: Int) -> String {
                "\(ExactDecimal(Int64(mantissa), exponent: exponent))"
            }
            var words = ["id=1", "t=\(pipeline.now.seconds + 60)"]
            for phase in 0..<3 {
                words.append("1-0:\(32 + 20 * phase).7.0=\(text(volts, voltage))V")
                words.append("1-0:\(31 + 20 * phase).7.0=\(text(milliamperes, current - 3))A")
                if let phasePower { words.append("1-0:\(21 + 20 * phase).7.0=\(text(load / 3, phasePower))W") }
            }
            words.append("1-0:1.7.0=\(text(load, power))W")
            let out = pipeline.send("in/a", words.joined(separator: " "), after: 60_000)
            for publication in out where publication.isRetained { retained[publication.topic] = publication.payload }
            return out
        }

        mutating func minutes(_ count: Int) -> [Publication] { (0..<count).flatMap { _ in minute() } }

        mutating func restart() throws {
            let now = pipeline.now
            pipeline = try TestPipeline([source])
            pipeline.now = now
            for (topic, payload) in retained {
                _ = pipeline.pipeline.restore(
                    RawMessage(topic: topic, payload: payload, isRetained: true, received: now))
            }
        }

        mutating func sentences() -> [String] {
            pipeline.pipeline.takeDiagnostics().map(\.description).filter {
                $0.contains("times too") || $0.contains("again")
            }
        }
    }

    @Test(arguments: [(-2, "100", "small"), (2, "0.01", "large"), (-1, "10", "small")])
    func `a current that is off is said, with what to write`(off: Int, factor: String, word: String) throws {
        var house = try Wandering(isAutomatic: false)
        house.current = off
        let out = house.minutes(120)
        #expect(!out.rules.joined().contains("scale.auto"))
        let size = factor == "10" ? "10" : "100"
        #expect(
            house.sentences() == [
                "meter m-1: its currents are \(size) times too \(word), by U, I and P of an hour; write "
                    + "\"scale: {current: \(factor)}\" or \"scale: auto\" at bridge.yaml:4"
            ])
    }

    @Test func `with scale auto it is put right once it is certain, and stays so over a restart`() throws {
        var house = try Wandering(isAutomatic: true)
        house.current = -2
        house.phasePower = 0
        #expect(!house.minutes(55).rules.joined().contains("scale.auto"))
        _ = house.minutes(30)
        let out = house.minutes(30)
        #expect(out.rules.allSatisfy { $0.contains("scale.auto") })
        #expect(out.payloads("/reading")[0].contains("\"rule\":\"scale.auto\",\"level\":\"repair\""))
        #expect(house.sentences().count == 1)
        try house.restart()
        #expect(house.minutes(30).rules.allSatisfy { $0.contains("scale.auto") })
        // The reader is updated: its values are right from now on, and an hour later so are ours.
        house.current = 0
        _ = house.minutes(90)
        #expect(!house.minutes(60).rules.joined().contains("scale.auto"))
        #expect(house.sentences() == ["meter m-1: its currents are right again"])
    }

    @Test func `voltages ten times too high are known without any load`() throws {
        var house = try Wandering(isAutomatic: true)
        house.voltage = 1
        house.loads = 20...60
        _ = house.minutes(70)
        #expect(house.minute().registers["1-0:32.7.0"] == "230")
    }

    @Test func `kW that are taken for W are a thousand times too small`() throws {
        var house = try Wandering(isAutomatic: false)
        house.power = -3
        _ = house.minutes(120)
        #expect(house.sentences().count == 1)
        var phases = try Wandering(isAutomatic: false)
        phases.phasePower = -3
        _ = phases.minutes(120)
        #expect(phases.sentences().count == 1 && phases.sentences().isEmpty)
    }

    @Test(arguments: [nil, 0]) func `a house in order hears nothing`(phasePower: Int?) throws {
        var house = try Wandering(isAutomatic: true)
        house.phasePower = phasePower
        #expect(!house.minutes(300).rules.joined().contains("scale.auto"))
        #expect(house.sentences().isEmpty)
    }

    @Test func `a quiet night proves nothing`() throws {
        var house = try Wandering(isAutomatic: true)
        house.current = -2
        house.loads = 60...500
        #expect(!house.minutes(600).rules.joined().contains("scale.auto"))
        #expect(house.sentences().isEmpty)
    }

    @Test func `a steady load proves nothing`() throws {
        var house = try Wandering(isAutomatic: true)
        house.current = -2
        house.loads = 3000...4000
        #expect(!house.minutes(600).rules.joined().contains("scale.auto"))
    }

    @Test func `phases that cancel out prove nothing`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(meter: "m-1")])
        var random = SplitMix64(state: 11)
        for _ in 0..<600 {
            // Panels on one phase, the stove on the others: some hundred watts in sum, ten amperes a phase.
            let net = Int.random(in: 100...600, using: &random)
            _ = pipeline.send(
                "in/a",
                "id=1 t=\(pipeline.now.seconds + 60) 1-0:32.7.0=230V 1-0:52.7.0=230V 1-0:72.7.0=230V 1-0:31.7.0=10A "
                    + "1-0:51.7.0=5A 1-0:71.7.0=5A 1-0:1.7.0=\(net)W 1-0:2.7.0=0W 1-0:2.8.0=512.5kWh", after: 60_000)
        }
        #expect(pipeline.pipeline.takeDiagnostics().filter { $0.description.contains("times too") }.isEmpty)
    }
}
