// SPDX-License-Identifier: Apache-2.0
internal import Yams

/// Reads YAML text into nodes that know their places.
package enum YAMLLoader {
    /// Parses one file.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - file: its name for messages.
    ///   - environment: values for `${NAME}` and `${NAME:-default}` in any scalar; nil leaves them as they are.
    ///   - problems: gets every mistake.
    /// - Returns: the root, an empty mapping for an empty file, nil after a syntax error, which is in `problems`.
    package static func load(
        _ text: String, file: String, environment: ((String) -> String?)? = nil, problems: ProblemList
    ) -> YAMLNode? {
        let start = SourceMark(file: file, line: 1, column: 1)
        do {
            // Editors of Windows begin a file with a byte order mark, which the parser takes for content.
            let content = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
            // A scalar is interpreted where its key is known. The resolver that guesses would try regular expressions
            // on each scalar, and load the whole library for them into memory.
            guard let node = try Yams.compose(yaml: content, .basic) else { return YAMLNode(.mapping([]), at: start) }
            var converter = Converter(
                file: file, environment: environment, problems: problems, room: 10_000 + 4 * content.utf8.count)
            let root = converter.convert(node)
            return root.isNull ? YAMLNode(.mapping([]), at: start) : root
        } catch let error as YamlError {
            let (mark, message) = describe(error, file: file)
            if let (cause, advice) = likelyCause(before: mark, in: text, file: file) {
                problems.error(cause, "not YAML: \(advice)")
                return nil
            }
            let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                .dropFirst(mark.line - 1).first
            let isTab = line?.prefix(max(mark.column, 1)).contains("\t") == true && !message.contains("tab")
            problems.error(mark, message + (isTab ? ": indent with spaces, not with a tab" : ""))
        } catch {
            problems.error(start, "\(error)")
        }
        return nil
    }

    /// Two mistakes that the parser notices only lines later: a `#` that begins a comment, and a colon without a blank
    /// behind it.
    private static func likelyCause(before mark: SourceMark, in text: String, file: String) -> (SourceMark, String)? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated().prefix(max(mark.line, 1)) {
            func place(_ position: Substring.Index) -> SourceMark {
                SourceMark(file: file, line: index + 1, column: line.distance(from: line.startIndex, to: position) + 1)
            }
            if let match = line.firstMatch(of: /[:,\[] (#)[,}\]\/ ]*$/), line.contains("{") || line.contains("[") {
                return (
                    place(match.output.1.startIndex), "# begins a comment here; a topic with it stands in quotes: \"#\""
                )
            }
            if let match = line.firstMatch(of: /^ *([A-Za-z_]+):([A-Za-z\/][^ :]*)$/), match.output.2.first != "/" {
                let (key, value) = (match.output.1, match.output.2)
                return (place(value.startIndex), "a blank is missing behind the colon: \(key): \(value)")
            }
        }
        return nil
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
