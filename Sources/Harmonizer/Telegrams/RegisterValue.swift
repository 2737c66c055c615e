// SPDX-License-Identifier: Apache-2.0

/// One register of a reading.
///
/// A number with a unit of the table is plain memory; what only few registers have is stored behind one reference.
public struct RegisterValue: Sendable, Equatable {
    private var more: More?
    /// What every register has.
    private(set) var plain: Plain

    /// A number with a unit of the table: plain memory, which is copied without counting a reference.
    struct Plain: Sendable, Equatable {
        // In this order the fields need no padding.
        private var instant: PackedTime
        var obis: OBISCode
        /// Zero when the value is not a number.
        fileprivate(set) var number: ExactDecimal
        fileprivate var unitPlace: UnitPlace
        var isDerived: Bool
        private var hasOwnTime: Bool

        fileprivate init(
            _ obis: OBISCode, _ number: ExactDecimal, _ unit: UnitPlace, _ time: Timestamp?, isDerived: Bool
        ) {
            self.obis = obis
            self.number = number
            unitPlace = unit
            self.isDerived = isDerived
            hasOwnTime = time != nil
            instant = time.map(PackedTime.init) ?? Self.noTime
        }

        /// When it was true, if that differs from the reading.
        var time: Timestamp? {
            get { hasOwnTime ? instant.timestamp : nil }
            set {
                hasOwnTime = newValue != nil
                instant = newValue.map(PackedTime.init) ?? Self.noTime
            }
        }
        private static let noTime = PackedTime(Timestamp(seconds: 0))

        /// When it was true, for a value that is stored without its reading.
        var placedTime: PackedTime { instant }

        /// Remembers the time of its reading, unless it has a time of its own.
        mutating func place(at time: PackedTime) { if !hasOwnTime { instant = time } }

        /// The symbol of its unit; nil without one.
        var symbol: StaticString? { unitPlace.unit?.knownSymbol }

        static func == (one: Plain, other: Plain) -> Bool {
            one.obis == other.obis && one.number == other.number && one.unitPlace == other.unitPlace
                && one.isDerived == other.isDerived && one.time == other.time
        }
    }

    /// Its canonical code.
    public var obis: OBISCode {
        get { plain.obis }
        set { plain.obis = newValue }
    }
    /// True when it was computed from other registers.
    public var isDerived: Bool {
        get { plain.isDerived }
        set { plain.isDerived = newValue }
    }

    /// What a plain number does not have.
    private final class More: Sendable, Equatable {
        /// A text or a list.
        let content: Value?
        let unit: Unit?
        let raw: String?

        init(content: Value?, unit: Unit?, raw: String?) {
            self.content = content
            self.unit = unit
            self.raw = raw
        }

        static func == (one: More, other: More) -> Bool {
            one.content == other.content && one.unit == other.unit && one.raw == other.raw
        }
    }

    /// When it was true, if that differs from the reading.
    public var time: Timestamp? {
        get { plain.time }
        set { plain.time = newValue }
    }

    /// True for a number in a unit of the table, or without a unit, and nothing else.
    var isPlain: Bool { more == nil }

    /// Its value, in `unit`.
    public var value: Value { more?.content ?? .number(plain.number) }
    /// Its value when that is a number; nil for texts and lists.
    public var number: ExactDecimal? { more?.content == nil ? plain.number : nil }
    /// Its unit; nil for texts, counts, and numbers whose unit is unknown.
    public var unit: Unit? { plain.unitPlace.isElsewhere ? more?.unit : plain.unitPlace.unit }
    /// What was on the wire, with `provenance: full`.
    public var raw: String? { more?.raw }

    /// Makes a register.
    public init(
        obis: OBISCode, value: Value, unit: Unit?, time: Timestamp? = nil, isDerived: Bool = false, raw: String? = nil
    ) {
        let unitPlace = UnitPlace(unit)
        var content: Value?
        var digits = ExactDecimal.zero
        if case .number(let number) = value { digits = number } else { content = value }
        plain = Plain(obis, digits, unitPlace, time, isDerived: isDerived)
        if content != nil || unitPlace.isElsewhere || raw != nil {
            more = More(content: content, unit: unitPlace.isElsewhere ? unit : nil, raw: raw)
        }
    }

    /// Makes a register with a number in a unit of the table and nothing else.
    @inline(__always) init(_ obis: OBISCode, plain number: ExactDecimal, unit: UnitPlace) {
        plain = Plain(obis, number, unit, nil, isDerived: false)
        more = nil
    }

    /// Takes over another value of the same register.
    mutating func show(_ other: RegisterValue) {
        if more == nil, other.more == nil { plain = other.plain } else { self = other }
    }

    /// Takes over a plain number; the caller has checked that this one is plain.
    mutating func show(_ other: Plain) { plain = other }

    /// Remembers the time of its reading, unless it has a time of its own.
    mutating func place(at time: PackedTime) { plain.place(at: time) }

    /// This register with another number.
    func replacing(_ number: ExactDecimal) -> RegisterValue {
        RegisterValue(obis: obis, value: .number(number), unit: unit, time: time, isDerived: isDerived, raw: raw)
    }

    /// True when the values are the same, whatever else differs.
    func isSame(as other: RegisterValue) -> Bool {
        more == nil && other.more == nil ? plain.number == other.plain.number : value == other.value
    }

    /// A harmonised value.
    public enum Value: Sendable, Equatable {
        case number(ExactDecimal)
        case text(String)
        case list([Entry])
    }

    /// One entry of a history.
    public struct Entry: Sendable, Equatable {
        /// When it happened; nil when the meter sent no valid time.
        public var time: Timestamp?
        /// How much or how long, in the register's unit.
        public var value: ExactDecimal
    }
}

extension RegisterValue.Value: CustomStringConvertible {
    /// The number or the text; of a list its values.
    public var description: String {
        switch self {
        case .number(let number): number.description
        case .text(let text): text
        case .list(let entries): entries.map(\.value.description).joined(separator: ", ")
        }
    }
}
