// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Names that are OBIS codes, `1.8.0`, `1_8_0`, `0100010800ff`, `1-0:1_8_0__255`: each means its register without a
/// line of its own.
struct CodeUnits: Sendable, Equatable {
    /// Power of ten of energies and of powers, relative to Wh and W.
    var energy = 3
    var power = 0

    /// The code in a name; nil for other names. A code contains at least a point, an underscore or twelve hexadecimal
    /// digits.
    static func code(of name: String) -> OBISCode? {
        let text = name.hasSuffix("__255") ? String(name.dropLast(5).replacing("_", with: ".")) : name
        guard text.utf8.first.map({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) == true else { return nil }
        return OBISCode(text)
    }

    /// The meaning of a name that is a code; nil for other names.
    func meaning(of name: String) -> FieldMapping.Meaning? { Self.code(of: name).map(meaning) }

    /// The meaning of a code.
    func meaning(of code: OBISCode) -> FieldMapping.Meaning {
        if code.isMeterID { return .id(isHexadecimalText: false) }
        return .register(FieldMapping.Register(code: code, unit: unit(of: code)))
    }

    private func unit(of code: OBISCode) -> Unit? {
        let kilo = { (power: Int, base: String) in Unit(power == 3 ? "k\(base)" : power == 6 ? "M\(base)" : base) }
        return switch code.dimension {
        case .activeEnergy: kilo(energy, "Wh")
        case .reactiveEnergy: kilo(energy, "varh")
        case .apparentEnergy: kilo(energy, "VAh")
        case .activePower: kilo(power, "W")
        case .reactivePower: kilo(power, "var")
        case .apparentPower: kilo(power, "VA")
        case .voltage: Unit("V")
        case .current: Unit("A")
        case .frequency: Unit("Hz")
        case .ratio: Unit("1")
        case .angle: Unit("°")
        default: nil
        }
    }
}

/// Units that differ from a unit of the table by a factor.
enum ForeignUnit {
    private static let units: [(spellings: [String], unit: String, factor: String)] = [
        (["ft3", "ft³", "cf"], "m³", "0.028316846592"), (["ccf"], "m³", "2.8316846592"),
        (["gal"], "m³", "0.003785411784"), (["l/h"], "m³/h", "0.001"), (["l/min"], "m³/h", "0.06"),
        (["btu"], "kWh", "0.00029307107"), (["therm"], "kWh", "29.307107"), (["kcal"], "kWh", "0.001163"),
    ]

    /// Every spelling.
    static var spellings: [String] { units.flatMap(\.spellings) }

    /// The unit of the table and the factor; nil for any other unit.
    static func unit(_ spelling: String) -> (unit: Unit, factor: ExactDecimal)? {
        let word = spelling.lowercased()
        guard let row = units.first(where: { $0.spellings.contains(word) }), let unit = Unit(row.unit),
            let factor = ExactDecimal(row.factor)
        else { return nil }
        return (unit, factor)
    }
}
