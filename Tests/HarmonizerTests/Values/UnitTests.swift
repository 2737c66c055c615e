// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// Spellings of readers, and what converts into what.
@Suite struct UnitTests {
    @Test(arguments: [
        ("kWh", "kWh"), ("KWH", "kWh"), ("kwh", "kWh"), ("kVAr", "kvar"), ("kVArh", "kvarh"), ("VAr", "var"),
        ("m3", "m³"),
        ("dm3", "dm³"), ("Hz", "Hz"), ("GJ", "GJ"), ("deg", "°"), ("MWH", "MWh"), ("MVAr", "Mvar"), ("MVA", "MVA"),
        ("l", "dm³"), ("L", "dm³"), ("mV", "mV"),
        ("1", "1"),
    ]) func `a spelling is known`(spelling: String, symbol: String) { #expect(Unit(spelling)?.symbol == symbol) }

    @Test(arguments: ["", "kVAhr", "bananas", "k Wh", "mW", "mwh", "mvar", "mJ", "kWh ", "Wh/h"])
    func `an unknown one is not guessed`(spelling: String) {
        #expect(Unit(spelling) == nil)
    }

    @Test(arguments: [
        ("Wh", "kWh", -3), ("MWh", "kWh", 3), ("kW", "W", 3), ("mA", "A", -3), ("kV", "V", 3), ("dm³", "m³", -3),
        ("MJ", "GJ", -3), ("kHz", "Hz", 3), ("W", "W", 0),
    ]) func `units of one quantity differ by a power of ten`(from: String, to: String, power: Int) throws {
        #expect(try #require(Unit(from)).powerOfTen(to: try #require(Unit(to))) == power)
    }

    @Test(arguments: [("kWh", "kvarh"), ("W", "VA"), ("m³", "kWh"), ("GJ", "kWh"), ("rad", "°"), ("V", "A")])
    func `different quantities do not convert`(from: String, to: String) throws {
        #expect(try #require(Unit(from)).powerOfTen(to: try #require(Unit(to))) == nil)
    }

    @Test func `every unit of the table is read from its own symbol, and there and back is nothing`() {
        for unit in Unit.all {
            #expect(Unit(unit.symbol) == unit)
            for other in Unit.all {
                let there = unit.powerOfTen(to: other)
                #expect((there == nil) == (other.powerOfTen(to: unit) == nil))
                #expect((there ?? 0) + (other.powerOfTen(to: unit) ?? 0) == 0)
            }
        }
    }

    @Test func `a unit as received converts only into itself`() {
        let unit = Unit.asReceived("furlong")
        #expect(unit.powerOfTen(to: unit) == 0)
        #expect(unit.powerOfTen(to: .asReceived("mile")) == nil)
    }

    @Test(arguments: ["", "x", "imp/kWh", "€/kWh", "fünfzehn Byte", "123456789012345", "ct/(kWh·a)"])
    func `a unit as received keeps its symbol`(symbol: String) {
        let unit = Unit.asReceived(symbol)
        #expect(unit.symbol == symbol && !unit.isCut && unit.dimension == .other && unit.index == nil)
        #expect(unit == .asReceived(symbol) && unit != .asReceived(symbol + "y"))
    }

    @Test(arguments: [("1234567890123456", "123456789012345"), ("fünfzehn Bytes mehr", "fünfzehn Bytes"), ("👨‍👩‍👧‍👦", "")])
    func `one that is longer is cut between two characters, and says so`(symbol: String, kept: String) {
        let unit = Unit.asReceived(symbol)
        #expect(unit.symbol == kept && unit.isCut)
    }
}
