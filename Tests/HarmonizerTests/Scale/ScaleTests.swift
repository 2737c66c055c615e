// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Factors of sources and meters, and numbers that no register can have.
@Suite struct ScaleTests {
    private func pipeline(
        _ scale: ScaleRule = ScaleRule(), ct: ExactDecimal = ExactDecimal(1), profile: String = "{}"
    ) throws -> TestPipeline {
        var source = TestPipeline.source(meter: "m-1")
        source.scale = scale
        let entry = MeterEntry(id: "m-1", name: nil, rawIDs: [], ct: ct, place: "bridge.yaml:9")
        return try TestPipeline([source], meters: [entry], profile: profile)
    }

    // MARK: - Known faults

    @Test func `a known fault of a reader is put right, and said`() throws {
        let tenth = ExactDecimal(1, exponent: -1)
        var pipeline = try pipeline(ScaleRule(quantities: [.voltage: tenth], place: "bridge.yaml:4"))
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:32.7.0=2347V 1-0:52.7.0=0V 1-0:31.7.0=5A")
        #expect(out.registers == ["1-0:32.7.0": "234.7", "1-0:52.7.0": "0", "1-0:31.7.0": "5"])
        #expect(
            out.payloads("/reading")[0].contains(
                "\"fixes\":[{\"rule\":\"scale.known\",\"level\":\"repair\",\"fields\":[\"1-0:32.7.0\"],"
                    + "\"action\":\"substitute\",\"original\":\"2347\",\"with\":\"234.7\",\"by\":\"bridge.yaml:4\"}]"))
    }

    @Test func `the profile decides what a scale does`() throws {
        let rule = ScaleRule(quantities: [.voltage: ExactDecimal(1, exponent: -1)])
        var flagging = try pipeline(rule, profile: "fixes: {scale.known: flag, value.out-of-range: off}")
        let flagged = flagging.send("in/a", "id=1 t=1795217228 1-0:32.7.0=2347V")
        #expect(flagged.rules == [["scale.known"]] && flagged.registers["1-0:32.7.0"] == "2347")
        var silent = try pipeline(rule, profile: "fixes: {scale.known: off, value.out-of-range: off}")
        #expect(silent.send("in/a", "id=1 t=1795217228 1-0:32.7.0=2347V").rules == [[]])
        var strict = try pipeline(rule, profile: "fixes: {scale.known: reject}")
        #expect(
            strict.send("in/a", "id=1 t=1795217228 1-0:32.7.0=2347V").topics == ["harmonized/v1/bridge/test/reject"])
    }

    @Test func `a factor of one register goes before that of its quantity, and phases before all powers`() throws {
        let rule = ScaleRule(
            registers: [OBISCode(1, 0, 31, 7, 0): ExactDecimal(10)],
            quantities: [.current: ExactDecimal(100), .power: ExactDecimal(2), .phasePower: ExactDecimal(1000)])
        var pipeline = try pipeline(rule)
        let out = pipeline.send(
            "in/a", "id=1 t=1795217228 1-0:31.7.0=0.5A 1-0:51.7.0=0.5A 1-0:1.7.0=5W 1-0:21.7.0=5W 1-0:1.8.0=5kWh")
        #expect(
            out.registers
                == [
                    "1-0:31.7.0": "5", "1-0:51.7.0": "50", "1-0:1.7.0": "10", "1-0:21.7.0": "5000", "1-0:1.8.0": "5",
                    "1-0:16.7.0": "10",
                ].filter { $0.key != "1-0:16.7.0" || out.registers[$0.key] != nil })
    }

    // MARK: - Current transformers

    @Test func `transformers multiply powers, currents and energies and nothing else`() throws {
        var pipeline = try pipeline(ct: ExactDecimal(60))
        let out = pipeline.send(
            "in/a",
            "id=1 t=1795217228 1-0:1.7.0=0.1kW 1-0:31.7.0=4.5A 1-0:1.8.0=1234.567kWh 1-0:32.7.0=230V 0-1:24.2.1=5m3 "
                + "1-0:14.7.0=50Hz 1-0:3.8.0=2.5kvarh")
        #expect(out.rules == [[]])
        #expect(out.registers["1-0:1.7.0"] == "6000" && out.registers["1-0:31.7.0"] == "270")
        #expect(out.registers["1-0:1.8.0"] == "74074.02" && out.registers["1-0:3.8.0"] == "150")
        #expect(out.registers["1-0:32.7.0"] == "230" && out.registers["0-1:24.2.1"] == "5")
        #expect(out.payloads("/info")[0].contains("{\"kind\":\"ct\",\"factor\":60}"))
        // 900 A are plausible behind transformers, and the counter may rise 60 times as fast.
        let more = pipeline.send("in/a", "id=1 t=1795217238 1-0:31.7.0=900A 1-0:1.8.0=1240kWh", after: 10_000)
        #expect(more.rules == [[]] && more.registers["1-0:31.7.0"] == "54000")
    }

    @Test func `a product whose digits do not fit is left out`() throws {
        var pipeline = try pipeline(ct: ExactDecimal(60))
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W 1-0:1.8.0=99999999999999.9999kWh")
        #expect(out.rules == [["value.dropped"]] && out.registers["1-0:1.7.0"] == "300")
    }

    // MARK: - Numbers that are none

    @Test(arguments: [
        "1-0:1.8.0=4294967295Wh", "1-0:1.8.0=4294967.295kWh", "1-0:1.7.0=327.68kW", "1-0:1.7.0=-2147483648W",
        "1-0:32.7.0=65535V", "1-0:32.7.0=-1V", "0-1:24.2.1=99999.999m3",
    ]) func `a number that means none is left out`(register: String) throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:14.7.0=50Hz \(register)")
        #expect(out.rules == [["value.sentinel"]] && out.registers == ["1-0:14.7.0": "50"])
        #expect(
            out.payloads("/reading")[0].contains("\"level\":\"doubt\"")
                && out.payloads("/reading")[0].contains("\"drop\""))
    }

    @Test(arguments: ["1-0:1.8.0=65535kWh", "1-0:1.8.0=99999.999kWh", "1-0:1.7.0=65535W", "1-0:31.7.0=-1A"])
    func `the same digits are a value elsewhere`(register: String) throws {
        var pipeline = try pipeline("registers: {\"1-0:31.7.0\": {range: [-100, 100]}}")
        #expect(pipeline.send("in/a", "id=1 t=1795217228 \(register)").rules == [[]])
    }

    private func pipeline(_ profile: String) throws -> TestPipeline { try pipeline(profile: profile) }

    @Test func `a profile adds its own`() throws {
        var pipeline = try pipeline("registers: {\"1-0:14.7.0\": {sentinel: [0.1 kHz, 99]}}")
        #expect(pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=1W 1-0:14.7.0=100Hz").rules == [["value.sentinel"]])
        #expect(pipeline.send("in/a", "id=1 t=1795217229 1-0:1.7.0=1W 1-0:14.7.0=99Hz").rules == [["value.sentinel"]])
        #expect(pipeline.send("in/a", "id=1 t=1795217230 1-0:1.7.0=1W 1-0:14.7.0=50Hz").rules == [[]])
    }

    @Test func `a unit that measures something else is no value of the register`() throws {
        var dropping = try pipeline()
        let out = dropping.send("in/a", "id=1 t=1795217228 1-0:14.7.0=50Hz 1-0:1.7.0=5V")
        #expect(out.rules == [["value.unit"]] && out.registers == ["1-0:14.7.0": "50"])
        #expect(out.payloads("/reading")[0].contains("\"original\":\"5 V\""))
        var flagging = try pipeline("fixes: {value.unit: flag}")
        let flagged = flagging.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5V")
        #expect(flagged.rules == [["value.unit"]])
        #expect(flagged.payloads("/reading")[0].contains("\"1-0:1.7.0\":{\"value\":5,\"unit\":\"V\"}"))
    }

    @Test func `what is not plausible is said and published`() throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:32.7.0=2347V 1-0:52.7.0=229.5V 1-0:14.7.0=500Hz")
        #expect(out.rules == [["value.out-of-range"]] && out.registers["1-0:32.7.0"] == "2347")
        #expect(out.payloads("/reading")[0].contains("\"action\":\"flag\",\"original\":\"2347, 500\""))
        var silent = try self.pipeline("fixes: {value.out-of-range: off}")
        #expect(silent.send("in/a", "id=1 t=1795217228 1-0:32.7.0=2347V").rules == [[]])
    }
}
