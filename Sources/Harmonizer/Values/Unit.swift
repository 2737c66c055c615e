// SPDX-License-Identifier: Apache-2.0

/// A unit of measurement: its symbol, what it measures, and its power of ten relative to the others that measure the
/// same.
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

    /// A place in the table, or the bytes of the symbol as received, the first in the lowest eight bits: every register
    /// of every message carries a unit, so it is plain memory, copied and compared like a number.
    private let low: UInt64
    private let high: UInt64

    /// The most bytes of a symbol that is not in the table; the highest byte is one more than their number, and 0 for
    /// the table.
    static let longest = 15

    /// Its place in the table; nil for a unit that is passed through as received.
    @inline(__always) var index: UInt8? { high >> 56 == 0 ? UInt8(truncatingIfNeeded: low) : nil }

    /// How the unit is written in the output: `kWh`, `m³`.
    public var symbol: String {
        if let index { return Self.symbols[Int(index)] }
        return withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) { bytes in
            String(decoding: bytes[..<Int(high >> 56 & 0x7F - 1)], as: UTF8.self)
        }
    }

    /// The symbol of a unit of the table, which needs no escape in JSON; nil for a unit as received.
    var knownSymbol: StaticString? { index.map { Self.table[Int($0)].symbol } }

    /// What it measures.
    public var dimension: Dimension { index.map { Self.table[Int($0)].dimension } ?? .other }

    /// Its size relative to the dimension's base unit, as a power of ten.
    public var powerOfTen: Int { index.map { Self.table[Int($0)].powerOfTen } ?? 0 }

    /// The symbol.
    public var description: String { symbol }

    /// The power of ten by which a number in this unit is multiplied to be one in `other`; nil when the units do not
    /// convert.
    public func powerOfTen(to other: Unit) -> Int? {
        if self == other { return 0 }
        guard dimension == other.dimension, dimension != .other else { return nil }
        return powerOfTen - other.powerOfTen
    }

    /// The unit of that spelling, in any case (`kVAr`, `KWH`, `m3`); nil when it is not in the table.
    public init?(_ spelling: String) {
        guard let unit = Self.bySpelling[spelling.lowercased()] else { return nil }
        // mW is not MW: a small m never means a million, whatever the rest looks like.
        if unit.symbol.utf8.first == UInt8(ascii: "M"), spelling.utf8.first == UInt8(ascii: "m") { return nil }
        self = unit
    }

    /// A unit that is passed through as received: as many of its characters as fit 15 bytes of UTF-8. A telegram with a longer one is
    /// rejected.
    public static func asReceived(_ symbol: String) -> Unit {
        all.first { $0.dimension == .other && $0.symbol == symbol } ?? Unit(asReceived: symbol)
    }

    private init(asReceived symbol: String) {
        var (low, high, count) = (UInt64(0), UInt64(0), 0)
        for character in symbol {
            guard count + character.utf8.count <= Self.longest else {
                high |= Self.cut
                break
            }
            for byte in character.utf8 {
                if count < 8 { low |= UInt64(byte) << (8 * count) } else { high |= UInt64(byte) << (8 * count - 64) }
                count += 1
            }
        }
        self.low = low
        self.high = high | UInt64(count + 1) << 56
    }

    private static let cut: UInt64 = 1 << 63

    /// True for a symbol that was too long to be stored whole.
    var isCut: Bool { high & Self.cut != 0 }

    /// The unit at a place of the table.
    init(index: UInt8) { (low, high) = (UInt64(index), 0) }

    /// Every unit of the table.
    public static let all: [Unit] = table.indices.map { Unit(index: UInt8($0)) }

    private typealias Row = (symbol: StaticString, dimension: Dimension, powerOfTen: Int)

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

    private static let symbols = table.map { "\($0.symbol)" }

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
