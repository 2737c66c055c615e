// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The shape of a payload, before it is parsed as JSON.
enum JSONShape {
    /// True for an object or a list, false for a bare value.
    static func isStructured(_ payload: [UInt8]) -> Bool {
        let first = payload.first { $0 > 0x20 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// The values in the innermost brackets as a JSON list, with any kind of brackets: ON4ABR's interface prints
    /// `{"dsmr":{83125000,27689000,…,2]}`, which no JSON parser accepts.
    ///
    /// - Throws: `json.invalid` when there are no values between brackets.
    static func positions(_ payload: [UInt8]) throws(Rejection) -> (bytes: [UInt8], repairs: [Fix]) {
        func opens(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") }
        func closes(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") }
        guard let start = payload.lastIndex(where: opens) else {
            throw Rejection(.json, at: 0, "no list of values")
        }
        guard let end = payload[start...].firstIndex(where: closes) else {
            // The last number may have lost digits.
            throw Rejection(.json, at: payload.count, "the list of values has no end")
        }
        let isList = payload[start] == UInt8(ascii: "[") && payload[end] == UInt8(ascii: "]")
        let bytes = [UInt8(ascii: "[")] + payload[(start + 1)..<end] + [UInt8(ascii: "]")]
        return (bytes, isList ? [] : [JSONLeniency.mismatchedBracket.fix])
    }
}
