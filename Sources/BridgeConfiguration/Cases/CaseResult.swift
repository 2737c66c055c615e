// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// What a golden case did.
package struct CaseResult {
    package let golden: GoldenCase
    /// What the readers sent.
    let messages: [RawMessage]
    let steps: [Step]
    /// What was said in the log.
    let diagnostics: [Diagnostic]
    /// Where it differs from what is expected.
    package let faults: [CaseFault]

    /// One step with what came of it; no step for what went out at the end.
    struct Step {
        let step: CaseStep?
        let publications: [Publication]
    }

    /// Everything that was published.
    var publications: [Publication] { steps.flatMap(\.publications) }

    /// Every repair that was published.
    var fixes: [PublishedFix] { publications.flatMap { PublishedFix.all(in: $0) } }
}

/// One difference between a case and what happened.
package struct CaseFault {
    /// Where the expectation stands.
    package let mark: SourceMark
    /// What differs, over several lines where that reads better.
    package let text: String
}

/// A fix as it stands in a published payload.
struct PublishedFix {
    let rule: String
    /// The record, as it was published.
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
    /// The value as JSON, whole.
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
