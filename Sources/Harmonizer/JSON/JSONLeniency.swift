// SPDX-License-Identifier: Apache-2.0

/// A fault in JSON that leaves no doubt about what was meant, so that the message is read and the fault is reported.
///
/// Readers print JSON by hand: Tasmota neither escapes labels nor checks numbers (arendst/Tasmota#4147, #4108, #11680).
package enum JSONLeniency: UInt8, CaseIterable, CustomStringConvertible {
    /// `nan` or `inf` in place of a number: the value is absent.
    case notANumber
    /// One or more brackets are missing at the end; the content before them is complete.
    case missingEnd
    /// A comma before a closing bracket.
    case trailingComma
    /// A backslash that starts no escape (`\2`): it is kept as it is.
    case bareBackslash
    /// A control character in a text: it is kept as it is.
    case controlCharacter
    /// A number with a leading zero or plus, or without a digit on one side of its point.
    case numberForm
    /// The same key twice in one object: the first counts.
    case repeatedKey
    /// A list that begins with one kind of bracket and ends with the other.
    case mismatchedBracket

    package var description: String {
        switch self {
        case .notANumber: "nan or inf instead of a number"
        case .missingEnd: "closing bracket missing at the end"
        case .trailingComma: "comma before a closing bracket"
        case .bareBackslash: "backslash that was not escaped"
        case .controlCharacter: "control character that was not escaped"
        case .numberForm: "number not in the form of JSON"
        case .repeatedKey: "the same key more than once"
        case .mismatchedBracket: "brackets that do not match"
        }
    }

    /// The record of this leniency in a telegram's repairs.
    package var fix: Fix {
        Fix(.payloadLenient, fields: [], action: self == .notANumber ? .drop : .restore, original: description)
    }
}
