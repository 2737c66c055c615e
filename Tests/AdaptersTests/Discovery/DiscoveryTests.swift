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
        #expect(found.first?.subscribe == ["tele/gPlugD_5A0001/SENSOR"])
    }

    @Test func `a single value whose unit could be two stays ambiguous`() {
        let (_, found) = findings([("tele/gPlug10/SENSOR", #"{"Time":"2021-09-24T17:03:45","z":{"Pi":12}}"#)])
        #expect(found.map(\.verdict) == [.ambiguous])
        #expect(found.first?.labels == nil)
    }

    @Test(arguments: [("0.512", "2131.115", true), ("512", "2131115", false), ("0.512", "2131115", false)])
    func `a house that would draw half a megawatt is not certain`(power: String, energy: String, isCertain: Bool) throws
    {
        let (_, found) = findings([
            ("p1/sensor/power_consumed/state", power), ("p1/sensor/power_produced/state", "0"),
            ("p1/sensor/energy_consumed_tariff_1/state", energy),
        ])
        let finding = try #require(found.first)
        #expect(finding.adapter == "esphome" && (finding.verdict == .certain) == isCertain)
        #expect(finding.reasons.contains { $0.contains("more than a house has") } != isCertain)
    }

    @Test func `a collector is one candidate and its placeholder is named`() {
        let (_, found) = findings([
            ("smartmeter/12345/ACTIVE_POWER_P", #"{"value": 42.0, "timestamp": 1795217228}"#),
            ("smartmeter/12345/ACTIVE_ENERGY_P", #"{"value": 903.0, "timestamp": 1795217228}"#),
        ])
        #expect(found.map(\.subscribe) == [["smartmeter/12345/+"]])
        #expect(found.first?.isPlaceholder == true)
        #expect(found.first?.observations.count == 2)
    }

    @Test func `what is no meter is counted and not proposed`() {
        let (discovery, found) = findings([
            ("tele/plug1/SENSOR", #"{"Time":"2023-02-05T20:31:48","ENERGY":{"Total":1290.396,"Power":47}}"#),
            ("zigbee2mqtt/lamp", #"{"state":"ON"}"#), ("zigbee2mqtt/door", #"{"contact":true}"#),
        ])
        #expect(found.isEmpty)
        #expect(discovery.notMeters.map(\.topics) == ["zigbee2mqtt/#", "tele/plug1/SENSOR (Tasmota ENERGY)"])
        #expect(discovery.notMeters.map(\.messages) == [2, 1])
    }

    @Test(arguments: [
        // DSMR-reader and a P1 wifi gateway whose root is dsmr, which says who it is.
        ("dsmr-reader", ["dsmr/reading/electricity_delivered_1": "2131.115"]),
        (
            "p1-wifi-gateway",
            [
                "dsmr/reading/electricity_delivered_1": "2131.115",
                "dsmr/equipmentID": "4530303939303030313233343536373839",
            ]
        ),
        // The same topic in Wh and in kWh.
        ("esp8266-p1meter", ["sensors/power/p1meter/consumption_low_tarif": "2131115"]),
        ("p1-wifi-gateway", ["sensors/power/p1meter/consumption_low_tarif": "2131.115"]),
    ])
    func `of two readers with one topic the one is proposed that fits`(adapter: String, messages: [String: String]) {
        let (_, found) = findings(messages.sorted { $0.key > $1.key }.map { ($0.key, $0.value) })
        #expect(found.map(\.adapter) == [adapter])
        #expect(found.first?.verdict == .certain)
    }

    @Test func `a bridged broker's prefix stays in the filter`() {
        let (_, found) = findings([
            ("rpi1/smartmeter/LGZ1030655900017/ACTIVE_POWER_P", #"{"value": 42.0, "timestamp": 1795217228}"#),
            ("rpi1/smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P", #"{"value": 903.0, "timestamp": 1795217228}"#),
            (
                "site/nord/tele/gPlug_1/SENSOR",
                #"{"z":{"Pi":14,"Po":0,"U1":231.2,"I1":0.052,"B1":3.323,"B2":1.187,"E1":0.000}}"#
            ),
        ])
        #expect(
            found.map(\.subscribe) == [
                ["rpi1/smartmeter/LGZ1030655900017/+"], ["site/nord/tele/gPlug_1/SENSOR"],
            ])
    }

    @Test func `a telegram is known by its first byte on any topic`() {
        let telegram = "/KFM5KAIFA-METER\r\n\r\n1-0:1.8.1(001581.123*kWh)\r\n1-0:1.7.0(00.412*kW)\r\n!\r\n"
        let (_, found) = findings([("haus/zaehler", telegram)])
        #expect(found.map(\.adapter) == ["p1"])
        #expect(found.map(\.subscribe) == [["haus/zaehler"]])
    }

    @Test func `the sum of the phases shows that the units are right`() {
        let (_, found) = findings([
            (
                "tele/gPlugD_5A0001/SENSOR",
                #"{"z":{"Pi":0.412,"Po":0.000,"P1i":136,"P2i":140,"P3i":135,"P1o":0,"P2o":0,"P3o":0,"Ei1":18752.361}}"#
            )
        ])
        #expect(found.first?.reasons.contains("Pi is kW (0.412 = P1i + P2i + P3i = 411 W)") == true)
    }

    @Test func `the units between which a single value is open are named with their scripts`() {
        let (discovery, found) = findings([("tele/gPlug10/SENSOR", #"{"z":{"Pi":12}}"#)])
        let reason = found.first?.reasons.first ?? ""
        #expect(reason.hasPrefix("only Pi=12 seen ("))
        #expect(reason.contains("kW in gplug-d") && reason.contains("W in gplug-e-as3000"))
        let isWaiting = discovery.isWaiting
        #expect(isWaiting)
    }

    @Test func `the next periodic message ends the waiting`() {
        let (discovery, found) = findings([
            ("tele/gPlug10/SENSOR", #"{"z":{"Pi":12}}"#),
            ("tele/gPlug10/SENSOR", #"{"z":{"Pi":12,"Po":0,"U1":231.2,"I1":0.052,"B1":3.323,"B2":1.187,"E1":0.000}}"#),
        ])
        #expect(found.map(\.verdict) == [.certain])
        let isWaiting = discovery.isWaiting
        #expect(!isWaiting)
    }

    @Test func `two readers with the same counters look like one meter, two empty houses do not`() {
        let (_, found) = findings([
            ("smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P", #"{"value": 1581123.0, "timestamp": 1795217228}"#),
            ("dsmr/raw", "/KFM5KAIFA-METER\r\n\r\n1-0:1.8.0(001581.201*kWh)\r\n1-0:2.8.0(000000.000*kWh)\r\n!\r\n"),
            ("smartmeter/12345/ACTIVE_ENERGY_N", #"{"value": 0.0, "timestamp": 1795217228}"#),
            ("smartmeter/LGZ1030655900018/ACTIVE_ENERGY_P", #"{"value": 1584123.0, "timestamp": 1795217228}"#),
        ])
        #expect(found.map(\.sameAs) == [[], [0], [], []])
    }

    @Test func `what a configuration reads already is said`() throws {
        let adapter = try #require(AdapterRegistry.make("gplug"))
        let source = Source(
            name: "keller", adapter: adapter, filters: [try #require(TopicPattern("tele/+/SENSOR"))], zone: .utc)
        var discovery = Discovery(placeholders: [], sources: [source])
        discovery.hear(
            RawMessage(
                topic: "tele/gPlug10/SENSOR", payload: Array(#"{"z":{"Pi":12}}"#.utf8),
                received: Timestamp(seconds: 1_795_217_228)))
        #expect(discovery.findings.map(\.coveredBy) == ["keller"])
    }

    @Test func `a meter that cannot be read is named with its reason`() {
        let (discovery, found) = findings([
            ("dsmr/raw", "/KFM5KAIFA-METER\r\n\r\n1-0:1.8.0(001581.201*kWh)\r\n!0000\r\n")
        ])
        #expect(found.isEmpty)
        #expect(discovery.rejected.map(\.topic) == ["dsmr/raw"])
        #expect(discovery.rejected.first?.reason.hasPrefix("telegram.crc") == true)
    }

    @Test func `plugs are one line`() {
        let (discovery, _) = findings(
            (1...9).map { ("tele/plug\($0)/SENSOR", #"{"Time":"2023-02-05T20:31:48","ENERGY":{"Total":1.3}}"#) })
        #expect(discovery.notMeters.map(\.topics) == ["tele/plug1..9/SENSOR (Tasmota ENERGY)"])
    }

    @Test func `only a Tasmota topic has a question`() {
        #expect(TasmotaQuestion.topic(answering: "tele/gPlug10/SENSOR") == "cmnd/gPlug10/Status")
        #expect(TasmotaQuestion.topic(answering: "gPlug10/tele/LWT") == "gPlug10/cmnd/Status")
        #expect(TasmotaQuestion.topic(answering: "smartmeter/12345/ACTIVE_POWER_P") == nil)
        #expect(TasmotaQuestion.topic(answering: "stat/gPlug10/STATUS10") == nil)
    }
}
