// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

@Suite struct P1ValueTests {
    @Test(arguments: [
        ("000671.578*kWh", "671.578 kWh"), ("00001540.369*m3", "1540.369 m³"), ("0004.251kW", "4.251 kW"),
        ("00007137.694*kWh ", "7137.694 kWh"), ("-063*A", "-63 A"), ("+5*V", "5 V"), ("65,5*A", "65.5 A"),
        ("00015", "15"), ("999.9*kVA", "999.9 kVA"), ("0001.229*kVAr", "1.229 kvar"), ("12*VArh", "12 varh"),
        ("1*KWH", "1 kWh"), ("0.049*kHz", "0.049 kHz"), ("208.307*GJ", "208.307 GJ"), ("5*MJ", "5 MJ"),
        ("12.5*degC", "12.5 °C"), ("0.12*m3/h", "0.12 m³/h"), ("00000000.000", "0"), ("3*bananas", "3 bananas"),
        ("123456789012345678*s", "123456789012345678 s"), ("65.0*A,-65.0*A", "65 A …"), ("12*", "12"),
    ])
    func `a number keeps its digits and its unit`(text: String, expected: String) {
        #expect(Self.read(text) == expected)
    }

    @Test(arguments: ["", " ", "*m3"]) func `nothing is absent`(text: String) { #expect(Self.read(text) == "absent") }

    @Test(arguments: [
        "Error", "0000x.000*kWh", "1.2.3", "-", "1E3", "0C3D", "4 5*kWh", "00000000.\u{18}*kWh", "x*kWh",
        "1234567890123456789012*kWh",
    ])
    func `what is no number is not read as one`(text: String) { #expect(Self.read(text) == "other") }

    private static func read(_ text: String) -> String {
        switch Array(text.utf8).withUnsafeBufferPointer({ P1Value($0) }) {
        case .number(let number, let unit, let hasMore):
            "\(number)\(unit.map { " \($0)" } ?? "")\(hasMore ? " …" : "")"
        case .absent: "absent"
        case .other: "other"
        }
    }
}
