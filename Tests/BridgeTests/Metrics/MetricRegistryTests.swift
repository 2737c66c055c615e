// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import BridgeRuntime
@testable import PlugTest

/// The text that Prometheus reads.
@Suite struct MetricRegistryTests {
    private func lines(_ registry: MetricRegistry, _ family: String) -> [String] {
        registry.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("obis_bridge_\(family)") }
    }

    @Test func `label values are escaped`() {
        var registry = MetricRegistry()
        registry.count("obis_bridge_readings_total", [("source", "a\\b\"c\nd")], 3)
        #expect(lines(registry, "readings_total") == [#"obis_bridge_readings_total{source="a\\b\"c\nd"} 3"#])
    }

    @Test func `a histogram counts upwards`() {
        var registry = MetricRegistry()
        for value in [0.25, 0.5, 0.75, 20, 1_000_000] { registry.record("obis_bridge_reading_age_seconds", value) }
        let found = lines(registry, "reading_age_seconds")
        #expect(found.first == #"obis_bridge_reading_age_seconds_bucket{le="0.5"} 2"#)
        #expect(found.contains(#"obis_bridge_reading_age_seconds_bucket{le="10"} 3"#))
        #expect(found.contains(#"obis_bridge_reading_age_seconds_bucket{le="86400"} 4"#))
        #expect(found.contains(#"obis_bridge_reading_age_seconds_bucket{le="+Inf"} 5"#))
        #expect(
            found.suffix(2) == [
                "obis_bridge_reading_age_seconds_sum 1000021.5", "obis_bridge_reading_age_seconds_count 5",
            ])
    }

    @Test func `a counter never falls, a gauge does, and what is cleared is gone`() {
        var registry = MetricRegistry()
        for value in [3.0, 2] {
            registry.count("obis_bridge_readings_total", [("source", "a")], value)
            registry.set("obis_bridge_meters", [("state", "online")], value)
        }
        #expect(lines(registry, "readings_total") == [#"obis_bridge_readings_total{source="a"} 3"#])
        #expect(lines(registry, "meters") == [#"obis_bridge_meters{state="online"} 2"#])
        registry.clear("obis_bridge_meters")
        #expect(lines(registry, "meters").isEmpty)
    }

    @Test func `a series of no family is not kept, and the series have a limit`() {
        var registry = MetricRegistry()
        registry.count("other_total", [], 1)
        registry.record("other_seconds", 1)
        #expect(!registry.text.contains("other_"))
        for number in 0..<21_000 { registry.count("obis_bridge_readings_total", [("source", "\(number)")], 1) }
        #expect(lines(registry, "readings_total").count == 20_000)
        registry.clear("obis_bridge_readings_total")
        registry.set("obis_bridge_meters", [], 1)
        #expect(lines(registry, "meters") == ["obis_bridge_meters 1"])
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-3, "-3"), (1e15, "1000000000000000"), (1e-5, "1e-05"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func `numbers are written as Prometheus reads them`(value: Double, text: String) {
        #expect(MetricRegistry.number(value) == text)
    }
}
