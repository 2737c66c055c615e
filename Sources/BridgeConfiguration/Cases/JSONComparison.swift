// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Compares JSON with the expectation of a case. Numbers are compared as exact decimals: 0.1 equals only 0.1.
struct JSONComparison {
    /// True when the JSON must not have unnamed members.
    let isExact: Bool

    /// One difference between the JSON and the expectation.
    struct Difference: Equatable {
        /// The place of the expectation in the file.
        var mark: SourceMark
        /// The path in the payload: `registers."1-0:1.7.0".value`.
        var path: String
        /// The difference, such as `expected 42, found 43`.
        var text: String
    }

    func differences(_ expected: YAMLNode, _ found: JSONValue?, path: String = "") -> [Difference] {
        guard let found else {
            return expected.isNull ? [] : [difference(expected, path, "expected \(Self.text(expected)), found nothing")]
        }
        if expected.isNull { return [difference(expected, path, "expected nothing, found \(found.shortText)")] }
        switch expected.content {
        case .scalar(let text, let isPlain):
            return matches(text, isPlain: isPlain, found) ? [] : [mismatch(expected, found, path)]
        case .sequence(let items):
            guard found.kind == .array else { return [mismatch(expected, found, path)] }
            let elements = found.elements.map(\.value)
            guard elements.count == items.count else {
                let text = "expected \(items.count) elements, found \(elements.count): \(found.shortText)"
                return [difference(expected, path, text)]
            }
            return zip(items, elements).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, path: "\(path)[\(index)]")
            }
        case .mapping(let members):
            guard found.kind == .object else { return [mismatch(expected, found, path)] }
            var result: [Difference] = []
            for member in members {
                let value = found.members.first { $0.key.string == member.key }?.value
                result += differences(member.value, value, path: join(path, member.key))
            }
            guard isExact else { return result }
            for member in found.members where !members.contains(where: { $0.key == member.key.string }) {
                let text = "expected nothing, found \(member.value.shortText)"
                result.append(difference(expected, join(path, member.key.string), text))
            }
            return result
        }
    }

    /// Matches a YAML scalar: a plain word is a number, `true`, `false` or a text, by its form; a quoted one is a text.
    private func matches(_ text: String, isPlain: Bool, _ found: JSONValue) -> Bool {
        switch found.kind {
        case .string: found.text == text && (!isPlain || ExactDecimal(text) == nil)
        case .number: isPlain && found.decimal != nil && ExactDecimal(text) == found.decimal
        case .boolean: isPlain && found.boolean.map { $0 ? "true" : "false" } == text
        default: false
        }
    }

    private func mismatch(_ expected: YAMLNode, _ found: JSONValue, _ path: String) -> Difference {
        if case .scalar(let text, isPlain: true) = expected.content, found.text == text {
            return difference(
                expected, path, "expected the number \(text), found the text \"\(text)\": put it in quotes")
        }
        return difference(expected, path, "expected \(Self.text(expected)), found \(found.shortText)")
    }

    private func difference(_ node: YAMLNode, _ path: String, _ text: String) -> Difference {
        Difference(mark: node.mark, path: path.isEmpty ? "payload" : path, text: text)
    }

    private func join(_ path: String, _ key: String) -> String {
        let quoted = key.contains(".") ? "\"\(key)\"" : key
        return path.isEmpty ? quoted : "\(path).\(quoted)"
    }

    private static func text(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, let isPlain): isPlain && ExactDecimal(text) != nil ? text : "\"\(text)\""
        case .sequence(let items): "a list of \(items.count)"
        case .mapping(let members): "an object with \(members.map(\.key).joined(separator: ", "))"
        }
    }
}

extension JSONValue {
    /// The value in short, for messages.
    var shortText: String {
        switch kind {
        case .string: "\"\(text ?? "")\""
        case .number: literal.string
        case .boolean: boolean == true ? "true" : "false"
        case .null: "null"
        case .array: "[" + shortened(elements.map { $0.value.shortText }) + "]"
        case .object: "{" + shortened(members.map { "\($0.key.string): \($0.value.shortText)" }) + "}"
        }
    }

    private func shortened(_ parts: [String]) -> String {
        parts.prefix(8).joined(separator: ", ") + (parts.count > 8 ? ", …" : "")
    }
}
