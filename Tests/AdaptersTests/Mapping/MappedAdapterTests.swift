// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

@Suite struct MappedAdapterTests {
    @Test(arguments: [
        ("dsmr-logger", "DSMR-API/+", "DSMR-API/power_delivered", ""),
        ("dsmr-logger", "DSMR-API/+", "DSMR-API/uptime", ""),
        ("dsmr-logger", "DSMR-API/+", "DSMR-API/LWT", ""), ("dsmr-logger", "DSMRlogger32", "DSMRlogger32", ""),
        ("dsmr-logger", "+/+", "attic/power_delivered", "attic"),
        ("dsmr-logger", "p1/#", "p1/attic/power_delivered", "attic"),
        ("esphome", "+/sensor/+/state", "cellar/sensor/power_consumed/state", "cellar"),
        ("esphome", "+/sensor/+/state", "cellar/sensor/wifi_signal/state", "cellar"),
        ("esphome", "+/text_sensor/+/state", "cellar/text_sensor/timestamp/state", "cellar"),
        ("esphome", "+/status", "cellar/status", "cellar"),
        ("esphome", "home/#", "home/cellar/sensor/power_consumed/state", "cellar"),
        ("amsreader", "ams/#", "ams/meter/import/active/accumulated", ""), ("amsreader", "+", "ams", "ams"),
        ("amsreader", "ams/+", "ams/attic", "attic"),
        ("amsreader", "ams/+/#", "ams/attic/meter/l1/voltage", "attic"),
        ("homewizard", "home/+/energy", "home/attic/energy", "attic"),
        ("netduino", "http/netduino", "http/netduino", ""),
        ("p1-mqtt", "p1-mqtt/tele/+/+/SENSOR", "p1-mqtt/tele/1/G0088000987654321/SENSOR", ""),
        ("p1-mqtt", "+/p1-mqtt/#", "attic/p1-mqtt/tele/0/E0099000123456789/SENSOR", ""),
        ("p1-to-mqtt", "p1/+/#", "p1/4530/electricity/instantaneous/power/positive/L1/reading", "4530"),
        ("esp8266-dsmr", "+/power/+", "ESP_DSMR_1A2B3C/power/consumption", "ESP_DSMR_1A2B3C"),
        ("esp8266-dsmr", "+/power/phase_1/+", "ESP_DSMR_1A2B3C/power/phase_1/current", "ESP_DSMR_1A2B3C"),
        ("esp8266-dsmr", "ESP_DSMR_1A2B3C/#", "ESP_DSMR_1A2B3C/gas/total", ""),
        ("p1reader-mqtt", "+/electric/+", "house/electric/1.8.0", "house"),
    ])
    func `all topics of a reader are one device`(adapter: String, filter: String, topic: String, device: String) throws
    {
        let adapter = try #require(AdapterRegistry.make(adapter))
        let pattern = try #require(TopicPattern(filter))
        let captures = try #require(pattern.captures(topic))
        #expect(adapter.device(of: topic, captures: captures) == device)
    }

    private func reader(_ filter: String) throws -> Pipeline {
        let adapter = try #require(AdapterRegistry.make("dsmr-logger"))
        let pattern = try #require(TopicPattern(filter))
        let zone = try #require(Zone("Europe/Amsterdam"))
        let source = Source(name: "reader", adapter: adapter, filters: [pattern], zone: zone)
        return Pipeline(Pipeline.Settings(bridge: "test", profile: try Profile(), sources: [source]))
    }

    private func send(_ fields: [(String, String)], at start: Timestamp, to pipeline: inout Pipeline) -> [Publication] {
        var publications: [Publication] = []
        for (index, field) in fields.enumerated() {
            publications += pipeline.handle(
                RawMessage(
                    topic: "DSMR-API/\(field.0)", payload: Array(field.1.utf8),
                    received: start + .milliseconds(Int64(index))))
        }
        return publications.filter { $0.topic.hasSuffix("/reading") }
    }

    @Test func `the fields of a telegram are one reading, the next one begins with its time`() throws {
        var pipeline = try reader("DSMR-API/+")
        let start = try #require(RFC3339.instant("2024-04-26T20:33:26Z"))
        let first = [
            ("equipment_id", "4530303939303030313233343536373839"), ("timestamp", "240426223325S"),
            ("energy_delivered_tariff1", "2131.115"), ("power_delivered", "0.512"),
        ]
        #expect(send(first, at: start, to: &pipeline).isEmpty)
        let closed = pipeline.advance(to: start + .milliseconds(600)).filter { $0.topic.hasSuffix("/reading") }
        #expect(closed.count == 1)
        // From now on the list is known, and the last field completes the telegram.
        for second in 1...3 {
            let next = [
                ("equipment_id", "4530303939303030313233343536373839"), ("timestamp", "24042622333\(5 + second)S"),
                ("energy_delivered_tariff1", "2131.116"), ("power_delivered", "0.5\(second)"),
            ]
            let readings = send(next, at: start + .seconds(Int64(second) * 10), to: &pipeline)
            #expect(readings.count == 1)
            let reading = try JSONDocument.parse(readings.first?.payload ?? []).root
            #expect(reading["time"]?.text == "2024-04-26T20:33:3\(5 + second)Z")
            #expect(reading["meter"]?.text == "e0099000123456789")
        }
        #expect(!pipeline.hasOpenGroups)
    }
}
