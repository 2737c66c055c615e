// SPDX-License-Identifier: Apache-2.0

/// A unit of measurement: its symbol, what it measures, and its power of ten against the others that measure the same.
///
/// Units that differ by a power of ten (Wh and kWh) convert exactly. Others (m³ and kWh, rad and °) do not convert at all.
public struct Unit: Sendable, Hashable, CustomStringConvertible {
    /// What a unit measures.
    public enum Dimension: Sendable, Hashable {
        case activeEnergy, reactiveEnergy, apparentEnergy
        case activePower, reactivePower, apparentPower
        case voltage, current, frequency
        case volume, flow, heat, temperature, time, angle, ratio
        /// A unit this program has no table entry for: published as received.
        case other
    }

    /// How the unit is written in the output: `kWh`, `m³`.
    public let symbol: String
    /// What it measures.
    public let dimension: Dimension
    /// Its size against the dimension's base unit, as a power of ten.
    public let powerOfTen: Int

    /// The symbol.
    public var description: String { symbol }

    /// The power of ten by which a number in this unit is multiplied to be one in `other`; nil when they do not convert.
    public func powerOfTen(to other: Unit) -> Int? {
        if self == other { return 0 }
        guard dimension == other.dimension, dimension != .other else { return nil }
        return powerOfTen - other.powerOfTen
    }

    /// The unit of that spelling, in any case (`kVAr`, `KWH`, `m3`); nil when it is not in the table.
    public init?(_ spelling: String) {
        guard let unit = Self.bySpelling[spelling.lowercased()] else { return nil }
        // mW is no MW: a small m never means a million, whatever the rest looks like.
        if unit.symbol.utf8.first == UInt8(ascii: "M"), spelling.utf8.first == UInt8(ascii: "m") { return nil }
        self = unit
    }

    /// A unit that is passed through as received.
    public static func asReceived(_ symbol: String) -> Unit { Unit(symbol, .other, 0) }

    private init(_ symbol: String, _ dimension: Dimension, _ powerOfTen: Int) {
        self.symbol = symbol
        self.dimension = dimension
        self.powerOfTen = powerOfTen
    }

    /// Every unit of the table.
    public static let all: [Unit] = [
        Unit("Wh", .activeEnergy, 0), Unit("kWh", .activeEnergy, 3), Unit("MWh", .activeEnergy, 6),
        Unit("varh", .reactiveEnergy, 0), Unit("kvarh", .reactiveEnergy, 3), Unit("Mvarh", .reactiveEnergy, 6),
        Unit("VAh", .apparentEnergy, 0), Unit("kVAh", .apparentEnergy, 3), Unit("MVAh", .apparentEnergy, 6),
        Unit("W", .activePower, 0), Unit("kW", .activePower, 3), Unit("MW", .activePower, 6),
        Unit("var", .reactivePower, 0), Unit("kvar", .reactivePower, 3), Unit("Mvar", .reactivePower, 6),
        Unit("VA", .apparentPower, 0), Unit("kVA", .apparentPower, 3), Unit("MVA", .apparentPower, 6),
        Unit("V", .voltage, 0), Unit("mV", .voltage, -3), Unit("kV", .voltage, 3),
        Unit("A", .current, 0), Unit("mA", .current, -3), Unit("kA", .current, 3),
        Unit("Hz", .frequency, 0), Unit("kHz", .frequency, 3),
        Unit("m³", .volume, 0), Unit("dm³", .volume, -3),
        Unit("m³/h", .flow, 0),
        Unit("MJ", .heat, -3), Unit("GJ", .heat, 0),
        Unit("°C", .temperature, 0),
        Unit("s", .time, 0),
        Unit("°", .angle, 0), Unit("rad", .other, 0),
        Unit("1", .ratio, 0),
    ]

    private static let bySpelling: [String: Unit] = {
        // MV and mV differ by case alone; no meter sends megavolts or megaamperes, so the table has none.
        var table: [String: Unit] = [:]
        for unit in all { table[unit.symbol.lowercased()] = unit }
        for (spelling, symbol) in ["m3": "m³", "dm3": "dm³", "l": "dm³", "m3/h": "m³/h", "deg": "°", "degc": "°c"] {
            table[spelling] = table[symbol]
        }
        return table
    }()
}
