// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The result of a golden case.
package struct CaseResult {
    package let golden: GoldenCase
    /// The messages of the readers.
    let messages: [RawMessage]
    let steps: [Step]
    /// The log lines.
    let diagnostics: [Diagnostic]
    /// The differences from the expectations.
    package let faults: [CaseFault]

    /// One step with its publications; `step` is nil for what was published at the end.
    struct Step {
        let step: CaseStep?
        let publications: [Publication]
    }

    /// All publications.
    var publications: [Publication] { steps.flatMap(\.publications) }

    /// All published repairs.
    var fixes: [PublishedFix] { publications.flatMap { PublishedFix.all(in: $0) } }
}

/// One difference between a case's expectation and its result.
package struct CaseFault {
    /// The place of the expectation in the file.
    package let mark: SourceMark
    /// The difference, in one or several lines.
    package let text: String
}

/// A fix as published in a payload.
struct PublishedFix {
    let rule: String
    /// The record as published.
    let record: String

    /// The records in the `fixes` of a publication.
    static func all(in publication: Publication) -> [PublishedFix] {
        guard publication.payload.first == UInt8(ascii: "{"),
            let root = try? JSONDocument.parse(publication.payload).root, let fixes = root["fixes"]
        else { return [] }
        return fixes.elements.compactMap { element in
            guard let rule = element.value["rule"]?.text else { return nil }
            return PublishedFix(rule: rule, record: element.value.strictText)
        }
    }
}

extension JSONValue {
    /// The whole value as JSON.
    var strictText: String {
        switch kind {
        case .string:
            var writer = JSONWriter()
            writer.string(text ?? "")
            return String(decoding: writer.bytes, as: UTF8.self)
        case .array: return "[" + elements.map { $0.value.strictText }.joined(separator: ",") + "]"
        case .object:
            return "{" + members.map { "\"\($0.key.string)\":\($0.value.strictText)" }.joined(separator: ",") + "}"
        case .number: return literal.string
        case .boolean: return boolean == true ? "true" : "false"
        case .null: return "null"
        }
    }
}
