// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

/// Discovery as Home Assistant documents it; which combinations of class and unit it takes was tried with the real one.
@Suite struct HomeAssistantTests {
    private func components(_ out: [Publication], _ identifier: String) -> [String: [String: Any]] {
        out.json(on: "homeassistant/device/\(identifier)/config")["components"] as? [String: [String: Any]] ?? [:]
    }

    @Test func `a meter is announced with the registers that it sent, once`() throws {
        var pipeline = try TestPipeline(outputs: "[harmonized, home-assistant]")
        let out = pipeline.send("in/a", "id=LGZ1030655933512 t=1795217228 1-0:1.8.0=9.5kWh 1-0:1.7.0=5W")
        let topic = "homeassistant/device/obis_lgz1030655933512/config"
        let message = try #require(out.first { $0.topic == topic })
        #expect(message.isRetained && message.qos == 1)
        let root = out.json(on: topic)
        let device = try #require(root["device"] as? [String: Any])
        #expect(device["identifiers"] as? [String] == ["obis_lgz1030655933512"])
        #expect(device["serial_number"] as? String == "LGZ1030655933512")
        #expect(device["via_device"] as? String == "obis_bridge_test")
        #expect((root["origin"] as? [String: String]) == ["name": "obis-bridge", "sw_version": "1.2.3"])
        #expect(root["availability_mode"] as? String == "all")
        #expect(
            (root["availability"] as? [[String: String]])?.compactMap { $0["topic"] } == [
                "harmonized/v1/bridge/test/status", "harmonized/v1/meter/lgz1030655933512/availability",
            ])
        let energy = try #require(components(out, "obis_lgz1030655933512")["1-0_1.8.0"])
        #expect(energy["platform"] as? String == "sensor")
        #expect(energy["unique_id"] as? String == "obis_lgz1030655933512_1-0_1.8.0")
        #expect(energy["default_entity_id"] as? String == "sensor.lgz1030655933512_energy_import")
        #expect(energy["object_id"] == nil)
        #expect(energy["state_topic"] as? String == "harmonized/v1/meter/lgz1030655933512/obis/1-0:1.8.0")
        #expect(
            Set(components(out, "obis_lgz1030655933512").keys) == [
                "1-0_1.8.0", "1-0_1.7.0", "problem", "last_reading",
            ])
        #expect(
            pipeline.send("in/a", "id=LGZ1030655933512 t=1795217233 1-0:1.7.0=6W", after: 5000)
                .lines(below: "homeassistant/").isEmpty, "nothing new")
        let more = pipeline.send("in/a", "id=LGZ1030655933512 t=1795217238 1-0:32.7.0=231V", after: 5000)
        #expect(components(more, "obis_lgz1030655933512")["1-0_32.7.0"]?["device_class"] as? String == "voltage")
    }

    /// Class, state class and unit, as `homeassistant/components/sensor/const.py` allows them.
    @Test(arguments: [
        ("1-0:1.8.0=1Wh", "energy", "total_increasing", "kWh"),
        ("1-0:2.8.2=1kWh", "energy", "total_increasing", "kWh"),
        ("1-0:16.8.0=1kWh", "energy", "total", "kWh"),
        ("1-0:3.8.0=1kvarh", "reactive_energy", "total_increasing", "kvarh"),
        ("1-0:1.7.0=1kW", "power", "measurement", "W"),
        ("1-0:16.7.0=-1W", "power", "measurement", "W"),
        ("1-0:3.7.0=1kvar", "reactive_power", "measurement", "var"),
        ("1-0:9.7.0=1VA", "apparent_power", "measurement", "VA"),
        ("1-0:32.7.0=230V", "voltage", "measurement", "V"),
        ("1-0:31.7.0=1A", "current", "measurement", "A"),
        ("1-0:14.7.0=50Hz", "frequency", "measurement", "Hz"),
        ("1-0:13.7.0=1", "power_factor", "measurement", "-"),
        ("1-0:13.7.0=0.94", "power_factor", "measurement", "-"),
        ("0-0:96.14.0=T1", "enum", "-", "-"),
        ("0-0:96.14.0=2", "enum", "-", "-"),
        ("0-0:96.14.0=peak", "-", "-", "-"),
        ("1-0:199.7.0=3kvar", "reactive_power", "measurement", "kvar"),
        ("1-0:199.7.0=3kVA", "apparent_power", "measurement", "kVA"),
        ("1-0:199.7.0=3kV", "voltage", "measurement", "kV"),
        ("0-1:24.3.0=3m3", "volume", "total_increasing", "m³"),
        ("0-0:96.7.21=4", "-", "total_increasing", "-"),
        ("1-0:52.36.0=1", "-", "total_increasing", "-"),
        ("0-0:96.3.10=1", "enum", "-", "-"),
        ("0-1:24.4.0=1", "enum", "-", "-"),
    ])
    func `a register has the classes that Home Assistant takes`(
        register: String, deviceClass: String, stateClass: String, unit: String
    ) throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let out = pipeline.send("in/a", "id=1 t=1795217228 \(register)")
        let code = String(register.prefix { $0 != "=" }).replacing(":", with: "_")
        let sensor = try #require(components(out, "obis_1")[code])
        #expect(sensor["device_class"] as? String ?? "-" == deviceClass)
        #expect(sensor["state_class"] as? String ?? "-" == stateClass)
        #expect(sensor["unit_of_measurement"] as? String ?? "-" == unit)
    }

    @Test func `older releases get object_id and no class that they do not know`() throws {
        var pipeline = try TestPipeline(outputs: "[home-assistant: {legacy: true, prefix: ha}]")
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:3.8.0=1kvarh")
        let root = out.json(on: "ha/device/obis_1/config")
        let sensor = (root["components"] as? [String: [String: Any]])?["1-0_3.8.0"]
        #expect(sensor?["object_id"] as? String == "meter_1_reactive_energy_import")
        #expect(sensor?["device_class"] == nil && sensor?["unit_of_measurement"] as? String == "kvarh")
    }

    @Test func `a gas meter is a device of its own behind the meter`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let out = pipeline.send("in/a", "id=1 t=1795217228 gas=1:G99 1-0:1.7.0=5W 0-1:24.2.1=453.722m3")
        let topic = "homeassistant/device/obis_g99/config"
        let device = try #require(out.json(on: topic)["device"] as? [String: Any])
        #expect(device["via_device"] as? String == "obis_1")
        #expect(device["name"] as? String == "Gas meter G99")
        let gas = try #require(components(out, "obis_g99")["0-1_24.2.1"])
        #expect(gas["device_class"] as? String == "gas" && gas["unit_of_measurement"] as? String == "m³")
        #expect(gas["default_entity_id"] as? String == "sensor.g99_gas")
        #expect(components(out, "obis_1")["0-1_24.2.1"] == nil)
    }

    @Test func `an exchanged meter is a new device, and the old one goes before a value comes`() throws {
        var pipeline = try TestPipeline(
            outputs: "home-assistant", sources: [TestPipeline.source(meter: "house")])
        _ = pipeline.send("in/a", "id=A1 t=1795217228 1-0:1.8.0=12345kWh")
        let out = pipeline.send("in/a", "id=B2 t=1795217238 1-0:1.8.0=3kWh", after: 10_000)
        let topics = out.map(\.topic)
        let gone = try #require(topics.firstIndex(of: "homeassistant/device/obis_a1/config"))
        let new = try #require(topics.firstIndex(of: "homeassistant/device/obis_b2/config"))
        #expect(out[gone].payload.isEmpty && out[gone].isRetained)
        #expect(gone < new)
        if let value = topics.firstIndex(of: "harmonized/v1/meter/house/obis/1-0:1.8.0") { #expect(new < value) }
        #expect(
            components(out, "obis_b2")["1-0_1.8.0"]?["default_entity_id"] as? String == "sensor.house_b2_energy_import",
            "statistics of the old entity are not continued")
    }

    @Test func `the exchange is seen over a restart`() throws {
        var first = try TestPipeline(outputs: "home-assistant", sources: [TestPipeline.source(meter: "house")])
        let kept = first.send("in/a", "id=A1 t=1795217228 1-0:1.8.0=12345kWh")
        var second = try TestPipeline(outputs: "home-assistant", sources: [TestPipeline.source(meter: "house")])
        for publication in kept where publication.isRetained {
            _ = second.pipeline.restore(
                RawMessage(topic: publication.topic, payload: publication.payload, received: second.now))
        }
        let same = second.pipeline
        let out = second.send("in/a", "id=B2 t=1795217238 1-0:1.8.0=3kWh", after: 10_000)
        #expect(out.payload(on: "homeassistant/device/obis_a1/config") == "")
        second.pipeline = same
        let unchanged = second.send("in/a", "id=A1 t=1795217238 1-0:1.8.0=12346kWh", after: 10_000)
        #expect(unchanged.payload(on: "homeassistant/device/obis_a1/config") != "", "the counter-case")
    }

    @Test func `at its birth it is told again, and momentary values come when it has subscribed`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        _ = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=9kWh 1-0:1.7.0=5W")
        #expect(
            pipeline.wait(3000).lines(below: "") == ["harmonized/v1/meter/1/obis/1-0:1.7.0 5"],
            "the value that came with the news")
        #expect(pipeline.send("homeassistant/status", "offline", after: 1000).isEmpty)
        let birth = pipeline.send("homeassistant/status", "online", after: 1000)
        #expect(
            birth.topics == [
                "homeassistant/device/obis_bridge_test/config", "homeassistant/device/obis_1/config",
                "harmonized/v1/meter/1/availability",
            ])
        #expect(pipeline.pipeline.nextDeadline == pipeline.now + .seconds(3))
        #expect(!pipeline.pipeline.hasOpenGroups, "its acknowledgement does not wait")
        #expect(pipeline.wait(2999).isEmpty)
        #expect(pipeline.wait(1).lines(below: "") == ["harmonized/v1/meter/1/obis/1-0:1.7.0 5"])
        #expect(pipeline.wait(10_000).isEmpty, "once")
        _ = pipeline.send("homeassistant/status", "online", after: 600_000)
        #expect(pipeline.wait(3000).isEmpty, "ten minutes old: nobody may act on it")
    }

    @Test func `a problem is what state holds, whatever the newest message brought`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=5kWh")
        let problem = try #require(components(out, "obis_1")["problem"])
        #expect(problem["state_topic"] as? String == "harmonized/v1/meter/1/state")
        #expect((problem["value_template"] as? String)?.contains("selectattr('quality', 'eq', 'held')") == true)
        #expect(problem["device_class"] as? String == "problem")
    }

    @Test func `what is rarely looked at is diagnostic, and off where Home Assistant's own integration has it off`()
        throws
    {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let out = pipeline.send(
            "in/a", "id=1 t=1795217228 1-0:1.8.0=5kWh 0-0:96.7.21=4 1-0:32.32.0=1 0-0:96.13.0=hello 0-0:96.3.10=1")
        let all = components(out, "obis_1")
        func category(_ key: String) -> String { all[key]?["entity_category"] as? String ?? "-" }
        func isEnabled(_ key: String) -> Bool { all[key]?["enabled_by_default"] as? Bool ?? true }
        for key in ["0-0_96.7.21", "1-0_32.32.0", "0-0_96.13.0"] {
            #expect(category(key) == "diagnostic" && !isEnabled(key), "\(key)")
        }
        #expect(category("0-0_96.3.10") == "diagnostic" && isEnabled("0-0_96.3.10"))
        #expect(category("1-0_1.8.0") == "-" && isEnabled("1-0_1.8.0"))
        #expect(all["0-0_96.3.10"]?["options"] as? [String] == ["disconnected", "connected", "ready for reconnection"])
        #expect(all["0-0_96.3.10"]?["unit_of_measurement"] == nil, "an enum has neither unit nor state class")
    }

    @Test func `what everybody looks at comes first`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let out = pipeline.send(
            "in/a", "id=1 t=1795217228 0-0:96.7.21=4 1-0:32.7.0=230V 1-0:21.7.0=5W 1-0:1.7.0=5W 1-0:1.8.0=5kWh")
        let payload = try #require(out.payload(on: "homeassistant/device/obis_1/config"))
        let places = try ["1.8.0", "1.7.0", "21.7.0", "32.7.0", "96.7.21"].map { code in
            try #require(payload.firstRange(of: "_\(code)\":{")).lowerBound
        }
        #expect(places == places.sorted())
    }

    @Test func `a meter is called after its role, and its tariff by name where a table says it`() throws {
        func published(_ role: MeterRole?, _ tariffs: String?) throws -> [Publication] {
            let entry = MeterEntry(
                id: "m-1", name: nil, rawIDs: ["M1"], role: role, tariffs: TariffNames.Choice(table: tariffs),
                place: "bridge.yaml:9")
            var pipeline = try TestPipeline(outputs: "home-assistant", meters: [entry])
            return pipeline.send("in/a", "id=M1 t=1795217228 1-0:1.8.0=5kWh 0-0:96.14.0=2")
        }
        let solar = try published(.pv, "belgium")
        let name = solar.payload(on: "homeassistant/device/obis_m1/config") ?? ""
        #expect(name.contains("\"name\":\"Solar meter M1\""))
        let tariff = components(solar, "obis_m1")["tariff_name"]
        #expect(tariff?["options"] as? [String] == ["day", "night"] && tariff?["device_class"] as? String == "enum")
        #expect(solar.payloads("/state").last?.contains("\"tariff_name\":\"night\"") == true)
        #expect(solar.payloads("/info").last?.contains("\"role\":\"pv\"") == true)
        let plain = try published(.grid, nil)
        #expect(
            plain.payload(on: "homeassistant/device/obis_m1/config")?.contains("Electricity meter M1") == true)
        #expect(components(plain, "obis_m1")["tariff_name"] == nil)
        #expect(plain.payloads("/state").last?.contains("tariff_name") == false)
    }

    @Test func `entities are called after the meter's name, and never begin with a digit`() throws {
        func ids(_ meters: [MeterEntry], pinned: String? = nil) throws -> String? {
            var pipeline = try TestPipeline(
                outputs: "home-assistant", sources: [TestPipeline.source(meter: pinned)], meters: meters)
            let out = pipeline.send("in/a", "id=10487029 t=1795217228 1-0:1.8.0=5kWh")
            let energy = components(out, "obis_10487029")["1-0_1.8.0"]
            #expect(energy?["unique_id"] as? String == "obis_10487029_1-0_1.8.0", "entities keep their history")
            return energy?["default_entity_id"] as? String
        }
        let named = MeterEntry(id: "house", name: "House connection", rawIDs: ["10487029"], place: "bridge.yaml:9")
        let unnamed = MeterEntry(id: "house", name: nil, rawIDs: ["10487029"], place: "bridge.yaml:9")
        #expect(try ids([named]) == "sensor.house_connection_energy_import")
        #expect(try ids([unnamed]) == "sensor.house_energy_import")
        #expect(try ids([], pinned: "cellar-1") == "sensor.cellar_1_energy_import")
        #expect(try ids([]) == "sensor.meter_10487029_energy_import")
    }

    @Test(arguments: [
        ("en", "Energy import T1", "Voltage L2", "Gas meter G99", "Problem"),
        ("de", "Energie Bezug T1", "Spannung L2", "Gaszähler G99", "Problem"),
        ("fr", "Énergie soutirée T1", "Tension L2", "Compteur de gaz G99", "Problème"),
        ("nl", "Energie afname T1", "Spanning L2", "Gasmeter G99", "Probleem"),
        ("it", "Energia prelevata T1", "Tensione L2", "Contatore del gas G99", "Problema"),
    ])
    func `names are in the language of the house`(
        language: String, energy: String, voltage: String, gas: String, problem: String
    ) throws {
        var pipeline = try TestPipeline(outputs: "[home-assistant: {language: \(language)}]")
        let out = pipeline.send(
            "in/a", "id=1 t=1795217228 gas=1:G99 1-0:1.8.1=5kWh 1-0:52.7.0=230V 0-1:24.2.1=453.722m3")
        let all = components(out, "obis_1")
        #expect(all["1-0_1.8.1"]?["name"] as? String == energy)
        #expect(all["1-0_52.7.0"]?["name"] as? String == voltage)
        #expect(all["problem"]?["name"] as? String == problem)
        #expect(all["1-0_1.8.1"]?["default_entity_id"] as? String == "sensor.meter_1_energy_import_t1")
        let device = out.json(on: "homeassistant/device/obis_g99/config")["device"] as? [String: Any]
        #expect(device?["name"] as? String == gas)
    }

    @Test func `every language has every name`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../Profiles/names")
        func keys(_ language: String) throws -> Set<Substring> {
            let text = try String(contentsOf: folder.appendingPathComponent("\(language).yaml"), encoding: .utf8)
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(lines.allSatisfy { $0.split(separator: ":").count >= 2 })
            return Set(lines.map { $0.split(separator: ":")[0] })
        }
        let english = try keys("en")
        for language in ["de", "fr", "it", "nl"] {
            let other = try keys(language)
            #expect(other == english, "\(language): \(other.symmetricDifference(english))")
        }
        // A register of the profile without a word would have an English name in every language.
        let profile = try Profile()
        for alias in profile.registers.values.compactMap(\.alias) where alias != "{medium}" {
            let stem = alias.replacing(/(_(l|t|q)[0-9]|_n)+$/, with: "")
            #expect(english.contains(Substring(stem)), "\(alias)")
        }
        #expect(
            TestPipeline.problems(outputs: "[home-assistant: {language: es}]").first?.contains(
                "no names in the language \"es\"") == true)
    }

    @Test func `the highest quarter-hour has its time, and the months are an attribute`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.6.0=4300W@1795000000")
        let all = components(out, "obis_1")
        #expect(all["1-0_1.6.0"]?["device_class"] as? String == "power")
        let time = try #require(all["1-0_1.6.0_time"])
        #expect(time["device_class"] as? String == "timestamp" && time["name"] as? String == "Demand import max time")
        #expect((time["value_template"] as? String)?.contains("['1-0:1.6.0'].get('time'") == true)
    }

    @Test func `two loggers with a gas meter each have devices that can be told apart`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let one = pipeline.send("in/a", "id=A1 t=1795217228 gas=1 1-0:1.7.0=5W 0-1:24.2.1=4m3")
        let two = pipeline.send("in/b", "id=B2 t=1795217228 gas=1 1-0:1.7.0=5W 0-1:24.2.1=9m3")
        func name(_ out: [Publication], _ id: String) -> String? {
            (out.json(on: "homeassistant/device/\(id)/config")["device"] as? [String: Any])?["name"] as? String
        }
        #expect(name(one, "obis_a1_1") == "Gas meter (A1)")
        #expect(name(two, "obis_b2_1") == "Gas meter (B2)")
        #expect(components(one, "obis_a1_1")["0-1_24.2.1"]?["name"] as? String == "Gas")
    }

    @Test func `what changes with every message is off, and the start is a time`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let all = components(pipeline.send("homeassistant/status", "online"), "obis_bridge_test")
        for key in ["received", "fixes", "memory"] {
            #expect(all[key]?["enabled_by_default"] as? Bool == false, "\(key)")
        }
        #expect(all["uptime"] == nil)
        #expect(all["started"]?["device_class"] as? String == "timestamp" && all["started"]?["state_class"] == nil)
    }

    @Test func `a meter whose id may still come is no device, and has no bare value`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant", sources: [TestPipeline.source(separateID: true)])
        pipeline.pipeline.publishesUnsettled = false
        _ = pipeline.send("in/g", "1-0:1.7.0=500W")
        let early = pipeline.wait(2000)
        #expect(early.map { $0.topic.split(separator: "/").last } == ["reading"], "\(early.topics)")
        let still = pipeline.send("in/g", "1-0:1.7.0=510W", after: 60_000)
        #expect(still.topics.allSatisfy { $0.hasSuffix("/reading") }, "\(still.topics)")
        let known = pipeline.send("in/g", "id=77 1-0:1.7.0=520W 1-0:1.8.0=9kWh 1-0:2.8.0=1kWh", after: 60_000)
        #expect(!components(known, "obis_77").isEmpty)
        #expect(known.payload(on: "harmonized/v1/meter/77/obis/1-0:1.7.0") == "520")
    }

    @Test(arguments: [("1-0:1.7.0=5W 1-0:1.8.0=9kWh 1-0:2.8.0=1kWh", 0), ("1-0:1.7.0=5W", 310_000)])
    func `a reader that never sends an id is a device once that is certain`(payload: String, after: Int64) throws {
        var pipeline = try TestPipeline(outputs: "home-assistant", sources: [TestPipeline.source(separateID: true)])
        pipeline.pipeline.publishesUnsettled = false
        _ = pipeline.send("in/g", payload)
        _ = pipeline.wait(2000)
        let out = pipeline.send("in/g", payload, after: after) + pipeline.wait(2000)
        #expect(pipeline.pipeline.meterSummaries.count == 1)
        #expect(pipeline.pipeline.meterTotals.online == 1, "\(out.topics)")
    }

    @Test func `the bridge is a device that shows when it is gone`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let out = pipeline.send("homeassistant/status", "online")
        let connection = try #require(components(out, "obis_bridge_test")["connection"])
        #expect(connection["state_topic"] as? String == "harmonized/v1/bridge/test/status")
        #expect(out.json(on: "homeassistant/device/obis_bridge_test/config")["availability"] == nil)
    }

    @Test func `what was published under the device's name goes when its id is known`() throws {
        var pipeline = try TestPipeline(outputs: "home-assistant")
        let unnamed = pipeline.send("in/a", "t=1795217228 1-0:1.8.0=9kWh")
        let topic = try #require(
            unnamed.topics.first { $0.hasPrefix("homeassistant/device/obis_") && $0.hasSuffix("/config") })
        let out = pipeline.send("in/a", "id=77 t=1795217238 1-0:1.8.0=9kWh", after: 10_000)
        #expect(out.payload(on: topic) == "")
        #expect(!components(out, "obis_77").isEmpty)
    }
}
