// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads YAML text into nodes with places.
public enum YAMLLoader {
    /// Parses one file.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - file: its name for messages.
    ///   - environment: values for `${NAME}` and `${NAME:-default}` in any scalar; nil leaves them as they are.
    ///   - problems: gets every mistake.
    /// - Returns: the root, an empty mapping for an empty file, nil after a syntax error, which is in `problems`.
    public static func load(
        _ text: String, file: String, environment: ((String) -> String?)? = nil, problems: ProblemList
    ) -> YAMLNode? {
        let start = SourceMark(file: file, line: 1, column: 1)
        do {
            // Editors of Windows begin a file with a byte order mark, which the parser takes for content.
            let content = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
            guard let node = try Yams.compose(yaml: content) else { return YAMLNode(.mapping([]), at: start) }
            let root = convert(node, file: file, environment: environment, problems: problems)
            return root.isNull ? YAMLNode(.mapping([]), at: start) : root
        } catch let error as YamlError {
            let (mark, message) = describe(error, file: file)
            let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                .dropFirst(mark.line - 1).first
            let isTab = line?.prefix(max(mark.column, 1)).contains("\t") == true && !message.contains("tab")
            problems.error(mark, message + (isTab ? ": indent with spaces, not with a tab" : ""))
        } catch {
            problems.error(start, "\(error)")
        }
        return nil
    }

    private static func convert(
        _ node: Node, file: String, environment: ((String) -> String?)?, problems: ProblemList
    ) -> YAMLNode {
        let mark = SourceMark(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        switch node {
        case .scalar(let scalar):
            let text = interpolate(scalar.string, at: mark, environment: environment, problems: problems)
            return YAMLNode(.scalar(text, isPlain: scalar.style == .plain || scalar.style == .any), at: mark)
        case .sequence(let sequence):
            let items = sequence.map { convert($0, file: file, environment: environment, problems: problems) }
            return YAMLNode(.sequence(items), at: mark)
        case .mapping(let mapping):
            let members = mapping.map { key, value in
                YAMLNode.Member(
                    key: key.scalar?.string ?? "",
                    keyMark: SourceMark(
                        file: file, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1),
                    value: convert(value, file: file, environment: environment, problems: problems))
            }
            return YAMLNode(.mapping(members), at: mark)
        case .alias:
            problems.error(mark, "an alias (*) without its anchor (&)")
            return YAMLNode(.scalar("", isPlain: true), at: mark)
        }
    }

    /// Replaces `${NAME}` and `${NAME:-default}`.
    private static func interpolate(
        _ text: String, at mark: SourceMark, environment: ((String) -> String?)?, problems: ProblemList
    ) -> String {
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

    private static func describe(_ error: YamlError, file: String) -> (SourceMark, String) {
        func place(_ mark: Mark?) -> SourceMark {
            SourceMark(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return (place(mark), "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
            return (place(context.mark), "the key \(names) stands here more than once")
        default:
            return (place(nil), "not YAML: \(error)")
        }
    }
}
