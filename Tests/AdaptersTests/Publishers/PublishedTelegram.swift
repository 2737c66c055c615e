// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

@testable import Adapters

/// One telegram of a DSMR 5 meter that every publisher gets to publish.
enum PublishedTelegram {
    static let header = #"/ISK5\2M550T-1012"#
    static let lines = [
        "1-3:0.2.8(50)", "0-0:1.0.0(240426223325S)", "0-0:96.1.1(4530303939303030313233343536373839)",
        "1-0:1.8.1(002131.115*kWh)", "1-0:1.8.2(003428.906*kWh)", "1-0:2.8.1(000012.345*kWh)",
        "1-0:2.8.2(000456.789*kWh)", "0-0:96.14.0(0002)", "1-0:1.7.0(00.512*kW)", "1-0:2.7.0(00.000*kW)",
        "0-0:96.7.21(00013)", "0-0:96.7.9(00002)", "1-0:32.32.0(00004)", "1-0:52.32.0(00005)", "1-0:72.32.0(00006)",
        "1-0:32.36.0(00001)", "1-0:52.36.0(00000)", "1-0:72.36.0(00003)", "0-0:96.13.0()", "1-0:32.7.0(229.9*V)",
        "1-0:52.7.0(231.2*V)", "1-0:72.7.0(230.4*V)", "1-0:31.7.0(001*A)", "1-0:51.7.0(000*A)", "1-0:71.7.0(002*A)",
        "1-0:21.7.0(00.112*kW)", "1-0:41.7.0(00.000*kW)", "1-0:61.7.0(00.400*kW)", "1-0:22.7.0(00.000*kW)",
        "1-0:42.7.0(00.000*kW)", "1-0:62.7.0(00.000*kW)", "0-1:24.1.0(003)",
        "0-1:96.1.0(4730303838303030393837363534333231)", "0-1:24.2.1(240426223001S)(00246.138*m3)",
    ]

    /// With line ends and CRC, as it leaves the meter.
    static let bytes = P1Sample.telegram(lines, header: header)
    static let text = String(decoding: bytes, as: UTF8.self)
    /// Every line without its end, from the head to the CRC.
    static let allLines = text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast().map(String.init)

    /// What is in it: registers with unit, times, and the meter's id, as this project publishes them.
    static let content: [String: String] = {
        var content: [String: String] = [
            "meter": "e0099000123456789", "time": "2024-04-26T20:33:25Z", "1-0:1.8.1": "2131.115 kWh",
            "1-0:1.8.2": "3428.906 kWh", "1-0:2.8.1": "12.345 kWh", "1-0:2.8.2": "456.789 kWh", "0-0:96.14.0": "2",
            "1-0:1.7.0": "512 W", "1-0:2.7.0": "0 W", "0-0:96.7.21": "13", "0-0:96.7.9": "2", "1-0:32.32.0": "4",
            "1-0:52.32.0": "5", "1-0:72.32.0": "6", "1-0:32.36.0": "1", "1-0:52.36.0": "0", "1-0:72.36.0": "3",
            "1-0:32.7.0": "229.9 V", "1-0:52.7.0": "231.2 V", "1-0:72.7.0": "230.4 V", "1-0:31.7.0": "1 A",
            "1-0:51.7.0": "0 A", "1-0:71.7.0": "2 A", "0-1:24.2.1": "246.138 m³",
            "0-1:24.2.1 time": "2024-04-26T20:30:01Z", "submeter 1": "gas G0088000987654321",
        ]
        for (code, power) in [("21", 112), ("41", 0), ("61", 400), ("22", 0), ("42", 0), ("62", 0)] {
            content["1-0:\(code).7.0"] = "\(power) W"
        }
        return content
    }()
}
