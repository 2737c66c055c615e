// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import Testing

@testable import BridgeRuntime
@testable import PlugTest

/// The text that Prometheus reads.
@Suite struct MetricRegistryTests {
    private func lines(_ registry: MetricRegistry, _ family: String) -> [String] {
        registry.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("obis_bridge_\(family)") }
    }

    @Test func `label values are escaped`() {
        let registry = MetricRegistry()
        Counter(
            label: "obis_bridge_readings_total", dimensions: [("source", "a\\b\"c\nd")], factory: registry
        ).increment(by: 3)
        #expect(lines(registry, "readings_total") == [#"obis_bridge_readings_total{source="a\\b\"c\nd"} 3"#])
    }

    @Test func `a histogram counts upwards`() {
        let registry = MetricRegistry()
        let age = Recorder(label: "obis_bridge_reading_age_seconds", aggregate: true, factory: registry)
        for value in [0.25, 0.5, 0.75, 20, 1_000_000] { age.record(value) }
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

    @Test func `a timer records seconds`() {
        let registry = MetricRegistry()
        Timer(label: "obis_bridge_ack_latency_seconds", factory: registry).recordMilliseconds(3)
        let found = lines(registry, "ack_latency_seconds")
        #expect(found.contains(#"obis_bridge_ack_latency_seconds_bucket{le="0.0025"} 0"#))
        #expect(found.contains(#"obis_bridge_ack_latency_seconds_bucket{le="0.005"} 1"#))
        #expect(found.contains("obis_bridge_ack_latency_seconds_sum 0.003"))
    }

    @Test func `two instruments of one name and labels are one series, and a destroyed one is gone`() {
        let registry = MetricRegistry()
        let one = Gauge(label: "obis_bridge_meters", dimensions: [("state", "online")], factory: registry)
        let other = Gauge(label: "obis_bridge_meters", dimensions: [("state", "online")], factory: registry)
        one.record(1)
        other.record(2)
        #expect(lines(registry, "meters") == [#"obis_bridge_meters{state="online"} 2"#])
        one.destroy()
        #expect(lines(registry, "meters").isEmpty)
    }

    @Test func `an instrument of no family counts for nobody, and the series have a limit`() {
        let registry = MetricRegistry()
        Counter(label: "other_total", factory: registry).increment()
        #expect(!registry.text.contains("other_total"))
        for number in 0..<21_000 {
            Counter(label: "obis_bridge_readings_total", dimensions: [("source", "\(number)")], factory: registry)
                .increment()
        }
        #expect(lines(registry, "readings_total").count == 20_000)
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-3, "-3"), (1e15, "1000000000000000"), (1e-5, "1e-05"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func `numbers are written as Prometheus reads them`(value: Double, text: String) {
        #expect(MetricText.number(value) == text)
    }
}
