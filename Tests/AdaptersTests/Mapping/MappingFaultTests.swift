// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

/// Kinds of faults that public reports showed, each with a case where the rule stays silent.
@Suite struct MappingFaultTests {
    private func verdict(_ adapter: String, _ topic: String, _ payload: String) throws -> Verdict {
        var decoder = try #require(AdapterRegistry.make(adapter)).makeDecoder()
        return decoder.decode(
            RawMessage(topic: topic, payload: Array(payload.utf8), received: Timestamp(seconds: 1_795_214_402)),
            context: DecodingContext())
    }

    private func observations(_ verdict: Verdict) -> [Observation] {
        guard case .telegrams(let telegrams, _, _) = verdict else { return [] }
        return telegrams.flatMap(\.observations)
    }

    private func remarks(_ verdict: Verdict) -> [Remark] {
        switch verdict {
        case .telegrams(_, _, let remarks), .ignored(_, let remarks): remarks
        default: []
        }
    }

    @Test(arguments: [
        ("homewizard", "home/energy", #"{"external":[{"type":"heat_meter","value":123.456,"unit":"m3"}]}"#, "m³"),
        ("plan-d", "data/devices/utility_meter/heat", #"{"unit":"m3","value":77.5}"#, "m³"),
        ("p1reader-mqtt", "house/electric/1.7.0", "0001.727*kVA", "kVA"),
        // What measures the same is the register's own.
        ("plan-d", "data/devices/utility_meter/total_active_power", #"{"unit":"W","value":510}"#, "W"),
        ("plan-d", "data/devices/utility_meter/heat", #"{"value":77.5}"#, "GJ"),
    ])
    func `a unit in the payload is never written over`(adapter: String, topic: String, payload: String, unit: String)
        throws
    {
        #expect(observations(try verdict(adapter, topic, payload)).first?.unit?.symbol == unit)
    }

    @Test(arguments: [
        ("12.345,678", false), ("1.234.567", false), ("12345.678,", false), ("12345,678", true), ("12345.678", true),
    ])
    func `a number with a second separator is none`(text: String, isNumber: Bool) throws {
        for (adapter, topic) in [
            ("evn-kaifa", "Smartmeter/WirkenergieP"), ("esphome", "p1/sensor/energy_delivered_lux/state"),
            ("victron", "N/c0619/grid/30/Ac/Energy/Forward"),
        ] {
            let verdict = try verdict(adapter, topic, text)
            #expect(observations(verdict).isEmpty != isNumber, "\(adapter)")
            let isSaid = remarks(verdict).contains { if case .malformed = $0 { true } else { false } }
            #expect(isSaid != isNumber, "\(adapter)")
        }
    }

    @Test func `of several devices of a type none is lost, and the one that counts keeps the channel`() throws {
        let old = #"{"unique_id":"4731","type":"gas_meter","timestamp":240502140010,"value":8123.456,"unit":"m3"}"#
        let new = #"{"unique_id":"4732","type":"gas_meter","timestamp":240516095500,"value":12.345,"unit":"m3"}"#
        for list in ["\(old),\(new)", "\(new),\(old)"] {
            for hint in ["", #","total_gas_m3":12.345,"gas_unique_id":"4732""#] {
                let found = observations(try verdict("homewizard", "home/energy", "{\"external\":[\(list)]\(hint)}"))
                let values = Dictionary(found.map { ($0.obis.description, $0.value) }) { first, _ in first }
                #expect(values["0-1:24.2.1"] == .number(ExactDecimal(12345, exponent: -3)))
                #expect(values["0-11:24.2.1"] == .number(ExactDecimal(8_123_456, exponent: -3)))
            }
        }
        let one = observations(try verdict("homewizard", "home/energy", "{\"external\":[\(old)]}"))
        #expect(one.map(\.obis.description) == ["0-1:24.2.1"])
    }

    @Test func `a key that a mapping lacks is named once`() throws {
        var decoder = try #require(AdapterRegistry.make("esphome")).makeDecoder()
        let message = RawMessage(
            topic: "p1/sensor/some_new_key/state", payload: Array("1.5".utf8), received: Timestamp(seconds: 0))
        let first = decoder.decode(message, context: DecodingContext())
        let second = decoder.decode(message, context: DecodingContext())
        #expect(remarks(first) == [.unreadFields(["some_new_key"], mapping: "esphome")])
        #expect(remarks(second) == [])
    }

    @Test(arguments: [
        ("esphome", "home/p1/debug", "[D][sensor:127]: 'power' >> 1"), ("amsreader", "ams/debug", "[I] connected"),
        ("shelly", "shellypro3em-0c/debug/log", "[shos] up"),
    ])
    func `a log of the reader is no reject`(adapter: String, topic: String, line: String) throws {
        guard case .ignored = try verdict(adapter, topic, line) else {
            return #expect(Bool(false), "\(adapter)")
        }
    }

    @Test func `a broken message of the meter's own topic is a reject`() throws {
        guard case .rejected = try verdict("amsreader", "ams/energy", "{\"tPI\":") else {
            return #expect(Bool(false))
        }
    }
}
