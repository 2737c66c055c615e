// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import Testing

/// What is heard on a broker against what is proposed.
@Suite struct DiscoveryTests {
    private func findings(_ messages: [(String, String)]) -> (Discovery, [Finding]) {
        var discovery = Discovery(placeholders: ["12345", "unknown"])
        for (position, message) in messages.enumerated() {
            discovery.hear(
                RawMessage(
                    topic: message.0, payload: Array(message.1.utf8),
                    received: Timestamp(seconds: 1_795_217_228 + Int64(position))))
        }
        return (discovery, discovery.findings)
    }

    @Test func `a gPlug's script is read off its labels`() {
        let payload =
            #"{"Time":"2026-09-11T14:49:11","z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"P1i":136,"P2i":140,"#
            + #""P3i":136,"P1o":0,"P2o":0,"P3o":0,"V1":229.1,"I1":1,"Ei1":18752.361,"Ei2":24226.039}}"#
        let (_, found) = findings([("tele/gPlugD_5A0001/SENSOR", payload)])
        #expect(found.map(\.adapter) == ["gplug"])
        #expect(found.first?.labels == "gplug-d")
        #expect(found.first?.verdict == .certain)
        #expect(found.first?.id == "10000021")
        #expect(found.first?.subscribe == "tele/gPlugD_5A0001/SENSOR")
    }

    @Test func `a single value whose unit could be two stays ambiguous`() {
        let (_, found) = findings([("tele/gPlug10/SENSOR", #"{"Time":"2021-09-24T17:03:45","z":{"Pi":12}}"#)])
        #expect(found.map(\.verdict) == [.ambiguous])
        #expect(found.first?.labels == nil)
    }

    @Test func `a collector is one candidate and its placeholder is named`() {
        let (_, found) = findings([
            ("smartmeter/12345/ACTIVE_POWER_P", #"{"value": 42.0, "timestamp": 1795217228}"#),
            ("smartmeter/12345/ACTIVE_ENERGY_P", #"{"value": 903.0, "timestamp": 1795217228}"#),
        ])
        #expect(found.map(\.subscribe) == ["smartmeter/12345/+"])
        #expect(found.first?.isPlaceholder == true)
        #expect(found.first?.observations.count == 2)
    }

    @Test func `what is no meter is counted and not proposed`() {
        let (discovery, found) = findings([
            ("tele/plug1/SENSOR", #"{"Time":"2023-02-05T20:31:48","ENERGY":{"Total":1290.396,"Power":47}}"#),
            ("zigbee2mqtt/lamp", #"{"state":"ON"}"#), ("zigbee2mqtt/door", #"{"contact":true}"#),
        ])
        #expect(found.isEmpty)
        #expect(discovery.notMeters.map(\.topics) == ["zigbee2mqtt/#", "tele/#"])
        #expect(discovery.notMeters.map(\.messages) == [2, 1])
    }
}
