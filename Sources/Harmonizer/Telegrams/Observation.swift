// SPDX-License-Identifier: Apache-2.0

/// One register as an adapter understood it: the vendor's word replaced by an OBIS code, nothing else changed.
public struct Observation: Sendable, Equatable {
    /// The code as received, channel included.
    public var obis: OBISCode
    /// The value as received.
    public var value: RawValue
    /// The unit of a number as the source says it or the label dictionary knows it; nil when nobody knows, and for texts.
    public var unit: Unit?
    /// The register's own time where it differs from the telegram's (M-Bus captures, monthly peaks).
    public var time: RawTime?
    /// `Pi=0.412`: what stood on the wire, only when the decoder was asked for it (`provenance: full`).
    public var raw: String?

    /// Makes an observation.
    public init(_ obis: OBISCode, _ value: RawValue, unit: Unit? = nil, time: RawTime? = nil, raw: String? = nil) {
        self.obis = obis
        self.value = value
        self.unit = unit
        self.time = time
        self.raw = raw
    }
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
