// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import Testing

/// A reader that nobody knows: the mapping that `discover` prints for it is one that can be used as it stands.
@Suite struct UnknownReaderTests {
    private static func messages(_ lines: [String]) -> [RawMessage] {
        lines.enumerated().map { index, line in
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            return RawMessage(
                topic: words[0], payload: Array(words[1].utf8),
                received: Timestamp(seconds: 1_795_214_402) + .milliseconds(Int64(index) * 10))
        }
    }

    /// What the proposed mapping of the only unknown reader reads.
    private static func read(_ lines: [String]) throws -> [String] {
        var discovery = Discovery(placeholders: [])
        let messages = messages(lines)
        for message in messages { discovery.hear(message) }
        #expect(discovery.findings.isEmpty)
        let reader = try #require(discovery.unknown.count == 1 ? discovery.unknown.first : nil, "\(discovery.unknown)")
        let mapping = try FieldMapping.load(yaml: reader.mapping, path: "reader.yaml")
        let adapter = try #require(AdapterRegistry.make("json", options: AdapterOptions(mapping: mapping)))
        let source = Source(
            name: "x", adapter: adapter, filters: [try #require(TopicPattern(reader.subscribe))], zone: .utc)
        var pipeline = Pipeline(Pipeline.Settings(bridge: "test", profile: try Profile(), sources: [source]))
        var publications = messages.flatMap { pipeline.handle($0) }
        publications += pipeline.flush(at: Timestamp(seconds: 1_795_218_000))
        #expect(pipeline.counters.rejected.isEmpty)
        return publications.filter { $0.topic.contains("/obis/") }.map {
            "\($0.topic.split(separator: "/").last ?? "") \(String(decoding: $0.payload, as: UTF8.self))"
        }
    }

    @Test func `values with their time`() throws {
        let found = try Self.read([
            #"vz/Bezug/raw { "timestamp": 1795214400512, "value": 12345678.9 }"#,
            #"vz/Leistung/raw { "timestamp": 1795214400512, "value": 512.0 }"#,
        ])
        #expect(found == ["1-0:1.8.0 12345.6789", "1-0:16.7.0 512", "1-0:1.7.0 512", "1-0:2.7.0 0"])
    }

    @Test func `a value that is not there just now`() throws {
        let found = try Self.read(
            [
                "home/sensor/stromzaehler_total_in/state 12345.678", "home/sensor/stromzaehler_power/state 512",
                "home/sensor/stromzaehler_power/state unavailable",
            ].dropLast())
        #expect(found.contains("1-0:1.8.0 12345.678") && found.contains("1-0:16.7.0 512"))
        var discovery = Discovery(placeholders: [])
        for message in Self.messages([
            "home/sensor/stromzaehler_total_in/state 12345.678", "home/sensor/stromzaehler_power/state 512",
            "home/sensor/stromzaehler_power/state unavailable",
        ]) { discovery.hear(message) }
        #expect(discovery.unknown.first?.mapping.contains("stromzaehler_power: 1-0:16.7.0 W") == true)
        #expect(discovery.notMeters.isEmpty)
    }

    @Test func `JSON with members that say what they are`() throws {
        let found = try Self.read([
            #"attic/report {"serial":"A-1","time":"2026-11-20T22:40:00Z","power":{"l1":100,"l2":200,"l3":212},"energy_import":12345.678,"rssi":-60}"#
        ])
        #expect(found.contains("1-0:1.8.0 12345.678") && found.contains("1-0:36.7.0 100"), "\(found)")
    }

    @Test(arguments: [
        [
            #"tele/plug1/SENSOR {"Time":"2026-11-20T23:40:00","ENERGY":{"Total":12.345,"Power":11,"Voltage":231,"Current":0.065}}"#
        ],
        [#"zigbee2mqtt/plug {"current":0.05,"energy":12.34,"linkquality":120,"power":11,"state":"ON","voltage":231}"#],
        [
            #"zigbee2mqtt/twin {"current":0.05,"energy":12.34,"linkquality":120,"power":11,"state_l1":"ON","state_l2":"OFF"}"#
        ],
        ["evcc/loadpoints/1/chargePower 0"],
    ]) func `what is no meter is not offered`(lines: [String]) {
        var discovery = Discovery(placeholders: [])
        for message in Self.messages(lines) { discovery.hear(message) }
        #expect(discovery.findings.isEmpty)
        #expect(discovery.unknown.isEmpty, "\(discovery.unknown)")
    }
}
