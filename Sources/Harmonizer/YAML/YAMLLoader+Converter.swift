// SPDX-License-Identifier: Apache-2.0
internal import Yams

extension YAMLLoader {
    /// Turns the parser's nodes into `YAMLNode`s.
    struct Converter {
        let file: String
        let environment: ((String) -> String?)?
        let problems: ProblemList
        /// Values that may still come. A file has no more of them than bytes, but aliases repeat what they name, and nine lists
        /// of nine aliases each are more than any memory holds.
        var room: Int

        mutating func convert(_ node: Node) -> YAMLNode {
            let mark = SourceMark(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
            room -= 1
            guard room > 0 else {
                if room == 0 { problems.error(mark, "aliases (*) make this file many times as large as it is") }
                return YAMLNode(.scalar("", isPlain: true), at: mark)
            }
            switch node {
            case .scalar(let scalar):
                let text = interpolate(scalar.string, at: mark)
                return YAMLNode(.scalar(text, isPlain: scalar.style == .plain || scalar.style == .any), at: mark)
            case .sequence(let sequence):
                return YAMLNode(.sequence(sequence.map { convert($0) }), at: mark)
            case .mapping(let mapping):
                let members = mapping.map { key, value in
                    YAMLNode.Member(
                        key: key.scalar?.string ?? "",
                        keyMark: SourceMark(file: file, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1),
                        value: convert(value))
                }
                return YAMLNode(.mapping(members), at: mark)
            case .alias:
                problems.error(mark, "an alias (*) without its anchor (&)")
                return YAMLNode(.scalar("", isPlain: true), at: mark)
            }
        }

        /// Replaces `${NAME}` and `${NAME:-default}`.
        private func interpolate(_ text: String, at mark: SourceMark) -> String {
            guard let environment, text.contains("${") else { return text }
            var result = ""
            var rest = Substring(text)
            while let open = rest.firstRange(of: "${") {
                guard let close = rest[open.upperBound...].firstIndex(of: "}") else { break }
                result += rest[..<open.lowerBound]
                let expression = rest[open.upperBound..<close]
                let parts = expression.split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false)
                let name = String(parts[0])
                if let value = environment(name) ?? (parts.count == 2 ? String(parts[1]) : nil) {
                    result += value
                } else {
                    problems.error(mark, "the environment has no \(name); write ${\(name):-default} to do without")
                }
                rest = rest[rest.index(after: close)...]
            }
            return result + rest
        }
    }
}
