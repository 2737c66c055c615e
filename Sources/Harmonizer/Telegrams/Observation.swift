// SPDX-License-Identifier: Apache-2.0

/// One register as an adapter understood it: the vendor's word replaced by an OBIS code, nothing else changed.
///
/// A number with a unit of the table is plain memory; what only few registers have is stored behind one reference.
public struct Observation: Sendable, Equatable {
    /// The code as received, channel included.
    public var obis: OBISCode
    private var digits: ExactDecimal
    private var unitPlace: UnitPlace
    private var more: More?

    /// What a plain number does not have.
    private final class More: Sendable, Equatable {
        /// A text or a list.
        let content: RawValue?
        let unit: Unit?
        let time: RawTime?
        let raw: String?

        private init(content: RawValue?, unit: Unit?, time: RawTime?, raw: String?) {
            self.content = content
            self.unit = unit
            self.time = time
            self.raw = raw
        }

        /// Nil when all of these are absent.
        static func needed(content: RawValue?, unit: Unit?, time: RawTime?, raw: String?) -> More? {
            guard content != nil || unit != nil || time != nil || raw != nil else { return nil }
            return More(content: content, unit: unit, time: time, raw: raw)
        }

        static func == (one: More, other: More) -> Bool {
            one.content == other.content && one.unit == other.unit && one.time == other.time && one.raw == other.raw
        }
    }

    /// The value as received.
    public var value: RawValue { more?.content ?? .number(digits) }
    /// The value when it is a number; nil for texts and lists.
    public var number: ExactDecimal? { more?.content == nil ? digits : nil }
    /// The unit of a number, from the source or from the label dictionary; nil when unknown, and for texts.
    public var unit: Unit? { unitPlace.isElsewhere ? more?.unit : unitPlace.unit }
    /// The register's own time when it differs from the telegram's (M-Bus captures, monthly peaks).
    public var time: RawTime? {
        get { more?.time }
        set { more = .needed(content: more?.content, unit: more?.unit, time: newValue, raw: more?.raw) }
    }
    /// The text as received, `Pi=0.412`; only when the decoder was asked for it (`provenance: full`).
    public var raw: String? { more?.raw }

    /// Makes an observation of a number and nothing else.
    public init(_ obis: OBISCode, number: ExactDecimal, unit: Unit?) {
        self.obis = obis
        digits = number
        unitPlace = UnitPlace(unit)
        more = unitPlace.isElsewhere ? .needed(content: nil, unit: unit, time: nil, raw: nil) : nil
    }

    /// The number of an observation with a unit of the table and nothing else; nil for every other observation.
    var plainNumber: ExactDecimal? { more == nil ? digits : nil }

    /// Makes an observation.
    public init(_ obis: OBISCode, _ value: RawValue, unit: Unit? = nil, time: RawTime? = nil, raw: String? = nil) {
        self.obis = obis
        unitPlace = UnitPlace(unit)
        var content: RawValue?
        if case .number(let number) = value {
            digits = number
        } else {
            digits = .zero
            content = value
        }
        more = .needed(content: content, unit: unitPlace.isElsewhere ? unit : nil, time: time, raw: raw)
    }
}

/// The unit of a register as a place in the unit table, in one byte.
struct UnitPlace: Sendable, Equatable {
    /// 0 for none, 255 for a unit that is not in the table, else one more than its place in the table.
    private let code: UInt8

    init(_ unit: Unit?) {
        guard let unit else {
            code = 0
            return
        }
        code = unit.index.map { $0 + 1 } ?? 255
    }

    /// True for a unit that is not in the table.
    var isElsewhere: Bool { code == 255 }
    /// The unit of the table; nil for none.
    var unit: Unit? { code == 0 ? nil : Unit(index: code - 1) }
}

/// A register's value before harmonising.
public enum RawValue: Sendable, Equatable {
    /// A number with the digits of the wire.
    case number(ExactDecimal)
    /// A text: tariff name, message, serial.
    case text(String)
    /// A history: monthly peaks (0-0:98.1.0), failure log (1-0:99.97.0).
    case list([Entry])

    /// One entry of a history.
    public struct Entry: Sendable, Equatable {
        /// When it happened, or ended.
        public var time: RawTime?
        /// How much or how long.
        public var value: ExactDecimal
        /// The unit of `value`.
        public var unit: Unit?

        /// Makes an entry.
        public init(time: RawTime?, value: ExactDecimal, unit: Unit?) {
            self.time = time
            self.value = value
            self.unit = unit
        }
    }
}
