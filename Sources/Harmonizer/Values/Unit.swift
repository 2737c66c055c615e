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

    /// A place in the table, or what a source called it: every register of every message carries a unit, so it is to be copied
    /// and compared like a number.
    private enum Storage: Sendable, Hashable {
        case known(UInt8)
        case asReceived(Name)
    }

    /// A symbol that is in no table. A class, so that a unit is no larger than a pointer.
    private final class Name: Sendable, Hashable {
        let symbol: String

        init(_ symbol: String) { self.symbol = symbol }

        static func == (one: Name, other: Name) -> Bool { one.symbol == other.symbol }

        func hash(into hasher: inout Hasher) { hasher.combine(symbol) }
    }

    private let storage: Storage

    /// Its place in the table; nil for a unit that is passed through as received.
    var index: UInt8? {
        switch storage {
        case .known(let index): index
        case .asReceived: nil
        }
    }

    /// How the unit is written in the output: `kWh`, `m³`.
    public var symbol: String {
        switch storage {
        case .known(let index): Self.table[Int(index)].symbol
        case .asReceived(let name): name.symbol
        }
    }

    /// What it measures.
    public var dimension: Dimension {
        switch storage {
        case .known(let index): Self.table[Int(index)].dimension
        case .asReceived: .other
        }
    }

    /// Its size against the dimension's base unit, as a power of ten.
    public var powerOfTen: Int {
        switch storage {
        case .known(let index): Self.table[Int(index)].powerOfTen
        case .asReceived: 0
        }
    }

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
    public static func asReceived(_ symbol: String) -> Unit {
        all.first { $0.dimension == .other && $0.symbol == symbol } ?? Unit(storage: .asReceived(Name(symbol)))
    }

    private init(storage: Storage) { self.storage = storage }

    /// Every unit of the table.
    public static let all: [Unit] = table.indices.map { Unit(storage: .known(UInt8($0))) }

    private typealias Row = (symbol: String, dimension: Dimension, powerOfTen: Int)

    private static let table: [Row] = [
        ("Wh", .activeEnergy, 0), ("kWh", .activeEnergy, 3), ("MWh", .activeEnergy, 6),
        ("varh", .reactiveEnergy, 0), ("kvarh", .reactiveEnergy, 3), ("Mvarh", .reactiveEnergy, 6),
        ("VAh", .apparentEnergy, 0), ("kVAh", .apparentEnergy, 3), ("MVAh", .apparentEnergy, 6),
        ("W", .activePower, 0), ("kW", .activePower, 3), ("MW", .activePower, 6),
        ("var", .reactivePower, 0), ("kvar", .reactivePower, 3), ("Mvar", .reactivePower, 6),
        ("VA", .apparentPower, 0), ("kVA", .apparentPower, 3), ("MVA", .apparentPower, 6),
        ("V", .voltage, 0), ("mV", .voltage, -3), ("kV", .voltage, 3),
        ("A", .current, 0), ("mA", .current, -3), ("kA", .current, 3),
        ("Hz", .frequency, 0), ("kHz", .frequency, 3),
        ("m³", .volume, 0), ("dm³", .volume, -3),
        ("m³/h", .flow, 0),
        ("MJ", .heat, -3), ("GJ", .heat, 0),
        ("°C", .temperature, 0),
        ("s", .time, 0),
        ("°", .angle, 0), ("rad", .other, 0),
        ("1", .ratio, 0),
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
