// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import ShippedFiles
import Testing

@testable import Adapters

@Suite struct LabelDictionaryTests {
    @Test func `every file in Profiles/labels is inside the program`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Profiles/labels")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.sorted() == ShippedLabels.files.map { $0.name + ".yaml" }.sorted())
        for file in ShippedLabels.files {
            let onDisk = try Data(contentsOf: folder.appendingPathComponent(file.name + ".yaml"))
            #expect(Array(onDisk) == file.yaml, "\(file.name) is older in the program than on disk")
        }
    }

    @Test(arguments: ShippedLabels.files.map(\.name)) func `a shipped dictionary can be read and says what it is for`(
        name: String
    ) throws {
        let yaml = try #require(ShippedLabels.files.first { $0.name == name }?.yaml)
        let dictionary = try LabelDictionary.load(yaml: String(decoding: yaml, as: UTF8.self), path: "\(name).yaml")
        #expect(dictionary.name == name)
        #expect(!dictionary.summary.isEmpty)
        #expect(dictionary.guess.present.allSatisfy { dictionary.labels[$0] != nil })
        #expect(dictionary.guess.adapters.allSatisfy { ["gplug", "tasmota"].contains($0) })
    }

    /// The units of the vendors' scripts: the same label is W in one and kW in another, and B1 and E1 change their register.
    @Test(arguments: [
        ("gplug-d", "Pi", "1-0:1.7.0", "kW"), ("gplug-d", "P1i", "1-0:21.7.0", "W"),
        ("gplug-d", "V1", "1-0:32.7.0", "V"), ("gplug-d", "Eo2", "1-0:2.8.2", "kWh"),
        ("gplug-d-e", "I1", "1-0:31.7.0", "A"), ("gplug-d-hdlc", "Po", "1-0:2.7.0", "kW"),
        ("gplug-k", "rPi", "1-0:3.7.0", "var"), ("gplug-k", "rEo", "1-0:4.8.0", "kvarh"),
        ("gplug-k", "pf1", "1-0:33.7.0", "1"), ("gplug-m", "Pi3", "1-0:61.7.0", "kW"),
        ("gplug-m", "U2", "1-0:52.7.0", "V"), ("gplug-m", "Q82", "1-0:8.8.2", "kvarh"),
        ("gplug-m", "Wasser", "0-2:24.2.1", "m³"), ("gplug-m-re", "Pi", "1-0:1.7.0", "kW"),
        ("gplug-e-as3000", "Pi", "1-0:1.7.0", "W"), ("gplug-e-as3000", "B1", "1-0:1.8.1", "kWh"),
        ("gplug-e-as3000", "B2", "1-0:1.8.2", "kWh"), ("gplug-e-as3000", "E1", "1-0:2.8.1", "kWh"),
        ("gplug-d-org", "Po", "1-0:2.7.0", "kW"), ("gplug-d-org", "P3o", "1-0:62.7.0", "W"),
        ("ebs", "Pi", "1-0:1.7.0", "W"), ("ebs", "B1", "1-0:3.8.0", "kvarh"), ("ebs", "E1", "1-0:1.8.0", "kWh"),
        ("ebs", "E2", "1-0:2.8.0", "kWh"), ("ebs-gplug", "Po", "1-0:2.7.0", "kW"),
        ("ebs-gplug", "B2", "1-0:4.8.0", "kvarh"), ("as1440", "Total_in", "1-0:1.8.1", "kWh"),
        ("mt175", "L1", "1-0:36.7.0", "W"), ("mt681", "Power_cur", "1-0:15.7.0", "W"),
        ("e320", "Power_in", "1-0:16.7.0", "W"), ("ebz", "1_8_0", "1-0:1.8.0", "Wh"),
        ("sanxing", "nrg_reac_q4", "1-0:8.8.0", "kvarh"), ("sagemcom-ma105", "energy_active_q1", "1-0:5.8.0", "kvarh"),
        ("zmr120", "kW_L1+L2+L3", "1-0:16.7.0", "kW"), ("tasmota-sml", "power_l2", "1-0:56.7.0", "W"),
    ]) func `a label has the register and the unit of its script`(
        dictionary: String, label: String, code: String, unit: String
    ) throws {
        let expected = try LabelDictionary.Label.register(#require(OBISCode(code)), unit: Unit(unit))
        #expect(LabelDictionary.shipped(named: dictionary)?.labels[label] == expected)
    }

    @Test(arguments: [
        ("gplug-d", "SMid", LabelDictionary.Label.hexadecimalID), ("gplug-m", "SMid", .id), ("ebs", "TS", .clock),
        ("gplug-k", "SMid", .id), ("sagemcom-ma105", "meter_serial", .id), ("tasmota-sml", "daily_feed", .ignored),
    ]) func `ids and clocks are no registers`(dictionary: String, label: String, expected: LabelDictionary.Label) {
        #expect(LabelDictionary.shipped(named: dictionary)?.labels[label] == expected)
    }

    @Test func `a user's dictionary is named after its file`() throws {
        let dictionary = try LabelDictionary.load(
            yaml: """
                group: ""
                submeters: {1: gas}
                labels: {no: 1.8.0 kWh, 1_7_0: 1-0:1.7.0 w, Nr: id, Tarif: 0-0:96.14.0, Gas: 0-1:24.2.1 m3}
                """, path: "/etc/obis-bridge/keller.yaml")
        #expect(dictionary.name == "keller")
        #expect(dictionary.group == "")
        #expect(dictionary.submeters == [1: .gas])
        #expect(dictionary.labels["no"] == .register(OBISCode(1, 0, 1, 8, 0), unit: Unit("kWh")))
        #expect(dictionary.labels["1_7_0"] == .register(OBISCode(1, 0, 1, 7, 0), unit: Unit("W")))
        #expect(dictionary.labels["Tarif"] == .register(OBISCode(0, 0, 96, 14, 0), unit: nil))
        #expect(dictionary.labels["Gas"] == .register(OBISCode(0, 1, 24, 2, 1), unit: Unit("m³")))
    }

    @Test func `all mistakes of a dictionary are told at once, each at its place`() {
        let error = #expect(throws: LabelDictionaryError.self) {
            try LabelDictionary.load(
                yaml: """
                    lables: {}
                    detect: {present: {P1i: x}, missing: [x]}
                    submeters: {0: gas, 1: beer}
                    labels:
                      Pi: 1-0:1.7.0 kWt
                      Po: power
                      P1i: [1-0:21.7.0, W]
                      Ei: 1-0:1.8.0 kWh 3
                      T: clok
                    """, path: "my.yaml")
        }
        let code = "write its code and unit (1-0:1.7.0 kW), or id, hexadecimal id, clock, ignored"
        #expect(
            error?.description == """
                my.yaml:1:1: error: unknown key "lables" in a label dictionary, did you mean "labels"?
                my.yaml:2:19: error: "present" is a text or a list of texts
                my.yaml:2:29: error: unknown key "missing" in detect; valid: absent, group, present
                my.yaml:3:13: error: "0" is not an M-Bus channel
                my.yaml:3:24: error: unknown medium "beer"; valid: cooling, electricity, gas, heat, other, warm-water, water
                my.yaml:5:7: error: unknown unit "kWt", did you mean "kW"?
                my.yaml:6:7: error: "power" is not a register: \(code)
                my.yaml:7:8: error: "P1i" is a single value
                my.yaml:8:7: error: "1-0:1.8.0 kWh 3" is not a register: \(code)
                my.yaml:9:6: error: "clok" is not a register, did you mean "clock"?
                """)
    }

    @Test(arguments: [
        ("", "my.yaml:1:1: error: \"labels\" is missing"),
        ("[a]", "my.yaml:1:1: error: a label dictionary is a mapping of keys to values"),
        ("group: z\n", "my.yaml:1:1: error: \"labels\" is missing"),
        ("labels: {}", "my.yaml:1:1: error: \"labels\" is missing"),
        ("labels: Pi", "my.yaml:1:9: error: labels is a mapping of keys to values"),
        ("labels:\n  Pi: id\n  Pi: clock\n", "my.yaml:2:3: error: the key \"Pi\" stands here more than once"),
        ("labels:\n  Pi: [id\n", "my.yaml:3:1: error: not YAML: did not find expected ',' or ']'"),
    ]) func `a file that is no dictionary is refused with a sentence`(yaml: String, message: String) {
        let error = #expect(throws: LabelDictionaryError.self) {
            try LabelDictionary.load(yaml: yaml, path: "my.yaml")
        }
        #expect(error?.description == message)
    }
}
