// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

@Suite struct TasmotaAdapterTests {
    private func decode(_ payload: String, with decoder: inout any TelegramDecoder) -> Verdict {
        decoder.decode(
            RawMessage(topic: "tele/keller/SENSOR", payload: Array(payload.utf8), received: Timestamp(seconds: 0)),
            context: DecodingContext())
    }

    @Test(arguments: [
        ("tele/gPlug10/SENSOR", ["gPlug10"], "gPlug10"),
        ("stat/gPlug10/STATUS10", ["gPlug10"], "gPlug10"),
        ("tele/gPlug10/SENSOR", ["tele/gPlug10/SENSOR"], "gPlug10"),
        ("stat/gPlug10/STATUS8", ["stat", "gPlug10", "STATUS8"], "gPlug10"),
        ("gPlug10/tele/LWT", ["gPlug10/tele/LWT"], "gPlug10"),
        ("Casa/PB/sdm120/tele/SENSOR", ["PB/sdm120/tele/SENSOR"], "PB/sdm120"),
        ("tele/POWER_Keller/SENSOR", ["POWER_Keller"], "POWER_Keller"),
        ("tele/gPlug10/SENSOR", [], ""),
        ("SML/SENSOR", ["SML"], "SML"),
    ]) func `a device is what the wildcards matched, without Tasmota's own levels`(
        topic: String, captures: [Substring], expected: String
    ) throws {
        let adapter = try #require(AdapterRegistry.make("gplug"))
        #expect(adapter.device(of: topic, captures: captures) == expected)
    }

    @Test(arguments: ["gplug", "tasmota"]) func `an adapter brings its usual filters`(name: String) throws {
        let adapter = try #require(AdapterRegistry.make(name))
        #expect(adapter.name == name)
        #expect(adapter.defaultFilters == ["tele/+/SENSOR", "stat/+/STATUS8", "stat/+/STATUS10", "tele/+/LWT"])
        #expect(adapter.sendsIDSeparately)
    }

    @Test func `a dictionary that knows fewer labels than another one says which`() throws {
        let payload =
            #"{"z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"P1i":120,"P2i":92,"P3i":200,"V1":229.1,"V2":229.5,"#
            + #""V3":229.1,"Ei":25149.419,"Eo":118.025}}"#
        func remarks(_ labels: String) throws -> [String] {
            let dictionary = try #require(LabelDictionary.shipped(named: labels))
            var decoder = try #require(AdapterRegistry.make("gplug", options: AdapterOptions(labels: dictionary)))
                .makeDecoder()
            return VerdictText.lines(decode(payload, with: &decoder)).filter { $0.contains("instead of") }
        }
        #expect(try remarks("gplug-e-as3000") == ["remark \"gplug-d\" 11/11 instead of \"gplug-e-as3000\" 6/11"])
        #expect(try remarks("gplug-d").isEmpty)
    }

    @Test func `a script of a user is read with the user's dictionary`() throws {
        let labels = try LabelDictionary.load(
            yaml: "labels: {P_Bezug: 1-0:1.7.0 W, P_Ein: 1-0:2.7.0 W, Nr: id, Tarif: 0-0:96.14.0}", path: "bkw.yaml")
        var decoder = try #require(AdapterRegistry.make("gplug", options: AdapterOptions(labels: labels))).makeDecoder()
        let verdict = decode(#"{"Z1":{"P_Bezug":812,"P_Ein":0,"Nr":"A1","Tarif":"HT","Test":1}}"#, with: &decoder)
        #expect(
            VerdictText.lines(verdict) == [
                "reading", "  id \"A1\"", "  1-0:1.7.0 812 W", "  1-0:2.7.0 0 W", "  0-0:96.14.0 text \"HT\"",
                "remark unknown \"Test\"",
            ])
    }

    @Test func `once the meter's group is known, another one with the same labels is not taken`() throws {
        var decoder = try #require(AdapterRegistry.make("gplug")).makeDecoder()
        _ = decode(#"{"z":{"Pi":0.412,"Po":0.000,"V1":231.0}}"#, with: &decoder)
        let verdict = decode(#"{"Inverter":{"Pi":9.412,"V1":240.0}}"#, with: &decoder)
        #expect(verdict == .ignored(kind: "tasmota-sensor"))
    }

    @Test func `two groups that are both a meter's are two devices, and stay so`() throws {
        var decoder = try #require(AdapterRegistry.make("tasmota")).makeDecoder()
        _ = decode(#"{"A":{"Total_in":1.5,"Power_curr":7},"B":{"Total_in":2.5,"Power_curr":8}}"#, with: &decoder)
        let verdict = decode(#"{"B":{"Power_curr":9}}"#, with: &decoder)
        #expect(VerdictText.lines(verdict) == ["reading", "  device keller/B", "  1-0:16.7.0 9 W"])
    }

    @Test func `a device that invents labels is remarked on within a limit`() throws {
        var decoder = try #require(AdapterRegistry.make("gplug")).makeDecoder()
        _ = decode(#"{"z":{"Pi":0.412,"Po":0.000}}"#, with: &decoder)
        var remarks = 0
        for number in 0..<2000 {
            guard case .telegrams(_, _, let some) = decode(#"{"z":{"Pi":0.412,"x\#(number)":1}}"#, with: &decoder)
            else {
                Issue.record("no reading")
                return
            }
            remarks += some.count
        }
        #expect(remarks <= LabelMemory.limit)
    }

    @Test(arguments: ["gplug", "tasmota"]) func `no prefix and no mutation of a payload is a trap`(name: String) throws
    {
        let adapter = try #require(AdapterRegistry.make(name))
        var generator = SplitMix64(state: 7)
        let telling = Array(#"{}[]",:\u-+.eE0129nz_ "#.utf8) + [0, 0x80, 0xFF]
        for fixture in Fixture.all where fixture.adapter == name {
            var decoder = adapter.makeDecoder()
            for message in fixture.steps.compactMap(\.message) {
                var variants = message.payload.indices.map { Array(message.payload[..<$0]) }
                for _ in 0..<60 where !message.payload.isEmpty {
                    var payload = message.payload
                    for _ in 0..<3 {
                        payload[Int.random(in: 0..<payload.count, using: &generator)] =
                            telling.randomElement(using: &generator) ?? 0
                    }
                    variants.append(payload)
                }
                for payload in variants {
                    var message = message
                    message.payload = payload
                    _ = decoder.decode(message, context: DecodingContext(keepsRaw: payload.count % 2 == 0))
                }
            }
        }
    }
}
