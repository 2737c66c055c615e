// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The value of a field, without its reader's wrapping.
enum FieldValue: Equatable {
    case number(ExactDecimal)
    case text([UInt8])
    /// `null`, or a number that was `nan`.
    case absent
    /// An object or a list.
    case other

    /// A value of JSON.
    init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .absent
        // An id may have more digits than any number can hold.
        case .number: self = value.decimal.map(FieldValue.number) ?? .text(Array(value.literal.string.utf8))
        case .string: self = .text(Array(value.literal.string.utf8))
        case .boolean: self = .text(Array(value.literal.string.utf8))
        case .object, .array: self = .other
        }
    }

    /// Removes what readers wrap around a value, and finds the unit beside it: `[{"value":1.674,"unit":"kW"}]`
    /// (DSMR-logger), `{"ts":…,"val":…}` (smartmeter2mqtt), `{"unit":"kW","value":1.54}` (plan-d-io).
    static func unwrap(_ wrapped: JSONValue, name: String? = nil) -> (value: FieldValue, unit: Unit?) {
        var value = wrapped
        if let name, let last = name.split(separator: "/").last, let inner = value.member(Array(last.utf8)) {
            value = inner
        }
        if value.kind == .array {
            var elements = value.elements.makeIterator()
            guard let first = elements.next()?.value else { return (.absent, nil) }
            // With several values it is unknown which one is meant: a mapping selects one with a pointer into the list.
            guard elements.next() == nil || first.kind == .object else { return (.other, nil) }
            value = first
        }
        guard value.kind == .object else { return (FieldValue(value), nil) }
        guard let inner = value["value"] ?? value["val"] else { return (.other, nil) }
        return (FieldValue(inner), (value["unit"] ?? value["units"])?.text.flatMap(SentUnit.unit))
    }

    /// The value as text, for messages.
    var words: String {
        switch self {
        case .number(let number): number.description
        case .text(let bytes): String(decoding: bytes.prefix(40), as: UTF8.self)
        case .absent: "null"
        case .other: "…"
        }
    }
}
