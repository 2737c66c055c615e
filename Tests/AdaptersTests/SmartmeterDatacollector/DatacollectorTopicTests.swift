// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

@Suite struct DatacollectorTopicTests {
    @Test(
        arguments: [
            ("smartmeter/LGZ1/VOLTAGE_L1", "VOLTAGE_L1", "LGZ1"),
            ("smartmeter//dev/ttyUSB0/VOLTAGE_L1", "VOLTAGE_L1", nil),
            ("smartmeter/a/b/c/VOLTAGE_L1", "VOLTAGE_L1", "a/b/c"),
            ("smartmeter//VOLTAGE_L1", "VOLTAGE_L1", nil),
            ("smartmeter/VOLTAGE_L1", "VOLTAGE_L1", nil),
            ("smartmeter/LGZ1/", "", "LGZ1"),
            ("smartmeter/", "", nil),
            ("smartmeter", "smartmeter", nil),
            ("", "", nil),
            ("/", "", nil),
            ("smartmeter/smartmeter/LGZ1/VOLTAGE_L1", "VOLTAGE_L1", "LGZ1"),
            ("büro/smartmeter/zähler 1/VOLTAGE_L1", "VOLTAGE_L1", "zähler 1"),
            ("rpi1/LGZ1030999000017/VOLTAGE_L1", "VOLTAGE_L1", "LGZ1030999000017"),
            ("rpi1//dev/ttyUSB0/VOLTAGE_L1", "VOLTAGE_L1", nil),
            ("dt/building/LGZ1/ds", nil, "LGZ1"),
            ("dt/building//dev/ttyUSB0/ds", nil, nil),
            ("dt/building/a/b/ds", nil, "a/b"),
            ("dt/dt/LGZ1/ds", nil, "LGZ1"),
            ("a/b/dt/building/LGZ1/ds", nil, "LGZ1"),
            ("dt/building//ds", nil, nil),
            ("dt/building/ds", nil, nil),
            ("dt/ds", nil, nil),
            ("ds", nil, nil),
            ("smartmeter/LGZ1/ds", "ds", "LGZ1"),
        ] as [(String, String?, String?)])
    func `a topic names the type and the meter`(topic: String, type: String?, id: String?) {
        let read = DatacollectorTopic(topic)
        #expect(read.kind == type.map { .register($0[...]) } ?? .bundle)
        #expect(read.id.map(String.init) == id)
    }

    @Test(arguments: [
        ("smartmeter/#", "smartmeter/LGZ1/VOLTAGE_L1", "LGZ1"),
        ("smartmeter/#", "smartmeter//dev/ttyUSB0/VOLTAGE_L1", "/dev/ttyUSB0"),
        ("smartmeter/#", "smartmeter/VOLTAGE_L1", ""),
        ("smartmeter/#", "smartmeter", ""),
        ("+/smartmeter/#", "rpi1/smartmeter/LGZ1/VOLTAGE_L1", "rpi1/LGZ1"),
        ("rpi1/smartmeter/#", "rpi1/smartmeter/LGZ1/VOLTAGE_L1", "LGZ1"),
        ("smartmeter/+/+", "smartmeter/LGZ1/VOLTAGE_L1", "LGZ1"),
        ("smartmeter/LGZ1/+", "smartmeter/LGZ1/VOLTAGE_L1", ""),
        ("smartmeter/+/VOLTAGE_L1", "smartmeter/LGZ1/VOLTAGE_L1", "LGZ1"),
        ("smartmeter/+/VOLTAGE_L1", "smartmeter/L1/VOLTAGE_L1", "L1"),
        ("smartmeter/LGZ1/VOLTAGE_L1", "smartmeter/LGZ1/VOLTAGE_L1", ""),
        ("dt/+/#", "dt/building/LGZ1/ds", "building/LGZ1"),
        ("dt/+/#", "dt/building//dev/ttyUSB0/ds", "building//dev/ttyUSB0"),
        ("dt/building/#", "dt/building/LGZ1/ds", "LGZ1"),
        ("dt/+/+/ds", "dt/building/LGZ1/ds", "building/LGZ1"),
        ("#", "smartmeter/LGZ1/VOLTAGE_L1", "smartmeter/LGZ1"),
    ])
    func `every message of a meter is of one device`(filter: String, topic: String, device: String) throws {
        let captures = try #require(TopicPattern(filter)?.captures(topic))
        #expect(SmartmeterDatacollector().device(of: topic, captures: captures) == device)
        if !filter.hasSuffix("VOLTAGE_L1"), topic.hasSuffix("VOLTAGE_L1") {
            let other = topic.dropLast(10) + "ACTIVE_ENERGY_P_T1"
            let captures = try #require(TopicPattern(filter)?.captures(String(other)))
            #expect(SmartmeterDatacollector().device(of: String(other), captures: captures) == device)
        }
    }
}
