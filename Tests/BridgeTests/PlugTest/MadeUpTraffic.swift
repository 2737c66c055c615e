// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

@testable import PlugTest
@testable import bridge

/// Messages as the readers of the plug-test publish them, with numbers and serials that are made up.
struct MadeUpTraffic {
    /// 2026-11-20T09:00:00Z: winter, Zurich is one hour ahead.
    static let start = Timestamp(seconds: 1_795_165_200)

    private(set) var messages: [RawMessage] = []
    let duration: Int
    /// Seconds in which nothing arrives from anybody.
    var outage: Range<Int>?

    init(duration: Int, outage: Range<Int>? = nil) {
        self.duration = duration
        self.outage = outage
    }

    /// The recording's bytes.
    var recording: Data {
        Data(messages.sorted { $0.received < $1.received }.flatMap(RecordedTraffic.line))
    }

    mutating func add(_ topic: String, _ payload: String, at second: Int, milliseconds: Int64 = 0) {
        guard outage?.contains(second) != true else { return }
        var received = Self.start + .milliseconds(Int64(second) * 1000 + milliseconds)
        received.fractionDigits = 3
        messages.append(RawMessage(topic: topic, payload: Array(payload.utf8), received: received))
    }

    // MARK: - smartmeter-datacollector

    /// How a collector publishes.
    struct Collector {
        var topic: String
        /// True for 2.0.0, which adds the OBIS code.
        var hasCodes = true
        var types = Self.core
        var every = 30
        var first = 2
        /// Seconds that its clock is ahead.
        var ahead = 0
        /// By what voltages are multiplied: 10 for an AM550 up to 1.3.0.
        var voltageFactor = 1
        /// Telegrams that never came.
        var missing: Range<Int>?
        /// Seconds in which the counter of imported energy is zero.
        var dip: Range<Int>?

        static let core = [
            ("ACTIVE_ENERGY_P", "1.8.0"), ("ACTIVE_ENERGY_N", "2.8.0"), ("REACTIVE_ENERGY_P", "3.8.0"),
            ("REACTIVE_ENERGY_N", "4.8.0"), ("ACTIVE_POWER_P", "1.7.0"), ("ACTIVE_POWER_N", "2.7.0"),
            ("VOLTAGE_L1", "32.7.0"), ("VOLTAGE_L2", "52.7.0"), ("VOLTAGE_L3", "72.7.0"), ("CURRENT_L1", "31.7.0"),
            ("CURRENT_L2", "51.7.0"), ("CURRENT_L3", "71.7.0"),
        ]
        /// What an E450 of 2021 sends without the configuration of 2026.
        static let old = [
            ("ACTIVE_POWER_P", "1.7.0"), ("ACTIVE_POWER_N", "2.7.0"), ("ACTIVE_ENERGY_P", "1.8.0"),
            ("ACTIVE_ENERGY_N", "2.8.0"), ("REACTIVE_ENERGY_Q1", "5.8.0"), ("REACTIVE_ENERGY_Q2", "6.8.0"),
        ]
    }

    mutating func add(_ collector: Collector, of meter: MadeUpMeter) {
        for second in stride(from: collector.first, to: duration, by: collector.every) {
            if collector.missing?.contains(second) == true { continue }
            let time = Self.start.seconds + Int64(second + collector.ahead)
            for (position, type) in collector.types.enumerated() {
                let value = Self.value(type.1, meter, second, collector)
                let code = collector.hasCodes ? ", \"obis\": \"\(type.1)\"" : ""
                add(
                    "smartmeter/\(collector.topic)/\(type.0)", "{\"value\": \(value), \"timestamp\": \(time)\(code)}",
                    at: second, milliseconds: 240 + Int64(position) * 3)
            }
        }
    }

    private static func value(_ code: String, _ meter: MadeUpMeter, _ second: Int, _ collector: Collector) -> String {
        switch code {
        case "1.8.0":
            collector.dip?.contains(second) == true
                ? "0.0" : "\(meter.energy(second)).0"
        case "2.8.0": "\(meter.exported).0"
        case "3.8.0", "5.8.0": "\(meter.imported / 9 + second / 60).0"
        case "4.8.0", "6.8.0": "\(meter.imported / 3).0"
        case "1.7.0": "\(meter.load(second)).0"
        case "32.7.0", "52.7.0", "72.7.0":
            decimal(meter.voltage(phase(code), second) * collector.voltageFactor, 1)
        case "31.7.0", "51.7.0", "71.7.0": decimal(meter.current(phase(code), second), 2)
        default: "0.0"
        }
    }

    private static func phase(_ code: String) -> Int { code.hasPrefix("3") ? 1 : code.hasPrefix("5") ? 2 : 3 }

    // MARK: - gPlug

    /// How a gPlug publishes: the whole list now and then, the power alone in between.
    struct GPlug {
        var topic: String
        var serial: String?
        var every = 30
        var first = 1
        /// Seconds between messages with the power alone.
        var single = 7
        /// Seconds by which its clock is ahead of local time.
        var ahead = 0
        /// Digits of a power behind the point: 3 for kW.
        var isInKilowatts = true
        /// The labels of its script: tariffs B1, B2, E1, E2 in place of totals.
        var isAS3000 = false
        var missing: Range<Int>?
    }

    mutating func add(_ plug: GPlug, of meter: MadeUpMeter) {
        for second in stride(from: plug.first, to: duration, by: plug.every)
        where plug.missing?.contains(second) != true {
            add(
                "tele/\(plug.topic)/SENSOR",
                "{\"Time\":\"\(Self.local(second + plug.ahead))\",\"z\":{\(Self.fields(plug, meter, second))}}",
                at: second, milliseconds: 180)
        }
        guard plug.single > 0 else { return }
        for second in stride(from: plug.first + 4, to: duration, by: plug.single)
        where plug.missing?.contains(second) != true {
            add(
                "tele/\(plug.topic)/SENSOR",
                "{\"Time\":\"\(Self.local(second + plug.ahead))\",\"z\":{\"Pi\":\(Self.power(plug, meter, second))}}",
                at: second, milliseconds: 90)
        }
        for second in stride(from: plug.first + 20, to: duration, by: 300) {
            add(
                "tele/\(plug.topic)/STATE",
                "{\"Time\":\"\(Self.local(second))\",\"Uptime\":\"3T04:05:06\",\"Wifi\":{\"RSSI\":72,\"Hostname\":\"\(plug.topic)\"}}",
                at: second)
        }
    }

    private static func power(_ plug: GPlug, _ meter: MadeUpMeter, _ second: Int) -> String {
        plug.isInKilowatts ? decimal(meter.load(second), 3) : "\(meter.load(second))"
    }

    private static func fields(_ plug: GPlug, _ meter: MadeUpMeter, _ second: Int) -> String {
        let voltage = plug.isAS3000 ? "U" : "V"
        var fields = plug.serial.map { ["\"SMid\":\($0)"] } ?? []
        fields.append("\"Pi\":\(power(plug, meter, second))")
        fields.append("\"Po\":\(plug.isInKilowatts ? "0.000" : "0")")
        for phase in 1...3 { fields.append("\"\(voltage)\(phase)\":\(decimal(meter.voltage(phase, second), 1))") }
        for phase in 1...3 { fields.append("\"I\(phase)\":\(decimal(meter.current(phase, second), 2))") }
        let energy = meter.energy(second)
        if plug.isAS3000 {
            fields.append("\"B1\":\(decimal(energy - 1187, 3)),\"B2\":1.187,\"E1\":0.000,\"E2\":0.000")
        } else {
            fields.append("\"Ei\":\(decimal(energy, 3)),\"Eo\":\(decimal(meter.exported, 3))")
            fields.append("\"Ei1\":\(decimal(energy - 18101, 3)),\"Ei2\":18.101")
        }
        return fields.joined(separator: ",")
    }

    /// Zurich's clock in winter.
    private static func local(_ second: Int) -> String {
        WallTime(start + .seconds(Int64(second)), offset: 3600).description
    }
}
