// SPDX-License-Identifier: Apache-2.0

extension YAMLNode {
    /// YAML text of this node without places: equal for equal content, wherever it was written.
    var text: String { lines.map(\.text).joined(separator: "\n") + "\n" }

    private var lines: [(text: String, origin: String?)] {
        var lines: [(text: String, origin: String?)] = []
        append(to: &lines, indent: "", prefix: "")
        return lines
    }

    /// YAML text of this node, each value with the place it comes from: what `check --print-profile` shows.
    package func annotatedText() -> String {
        let lines = self.lines
        let width = min(72, lines.map { $0.text.count }.max() ?? 0)
        return lines.map { line in
            guard let origin = line.origin else { return line.text }
            let padding = String(repeating: " ", count: max(0, width - line.text.count))
            return "\(line.text)\(padding)  # \(origin)"
        }.joined(separator: "\n") + "\n"
    }

    private func append(to lines: inout [(text: String, origin: String?)], indent: String, prefix: String) {
        switch content {
        case .scalar(let text, let isPlain):
            lines.append((prefix + Self.quoted(text, isPlain: isPlain), mark.lineReference))
        case .sequence(let items):
            let scalars = items.compactMap { item -> String? in
                guard case .scalar(let text, let isPlain) = item.content else { return nil }
                return Self.quoted(text, isPlain: isPlain)
            }
            if scalars.count == items.count {
                lines.append((prefix + "[\(scalars.joined(separator: ", "))]", mark.lineReference))
                return
            }
            if !prefix.isEmpty { lines.append((prefix.trimmingTrailingBlank, nil)) }
            for item in items { item.append(to: &lines, indent: indent + "  ", prefix: indent + "- ") }
        case .mapping(let members):
            if members.isEmpty {
                lines.append((prefix + "{}", mark.lineReference))
                return
            }
            if !prefix.isEmpty { lines.append((prefix.trimmingTrailingBlank, nil)) }
            let inner = prefix.isEmpty ? indent : indent + "  "
            for member in members {
                let key = Self.quoted(member.key, isPlain: !member.key.isEmpty)
                member.value.append(to: &lines, indent: inner, prefix: "\(inner)\(key): ")
            }
        }
    }

    private static func quoted(_ text: String, isPlain: Bool) -> String {
        if isPlain, text.isEmpty { return "~" }
        // Quotes only where the text needs them, so that equal profiles have equal texts.
        let needsQuotes =
            (!isPlain && isNull(text))
            || text.unicodeScalars.contains { isSpecial($0) || isUnprintable($0) }
            || ["-", "?", "=", " ", "..."].contains { text.hasPrefix($0) } || text.hasSuffix(" ")
        guard needsQuotes else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where isUnprintable(scalar):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// Characters with a meaning in YAML.
    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ":", "#", "{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "\\": true
        default: false
        }
    }

    /// Characters that YAML does not allow unescaped, or takes for the end of a line.
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\0"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffe}", "\u{ffff}": true
        default: false
        }
    }
}

extension String {
    fileprivate var trimmingTrailingBlank: String { hasSuffix(" ") ? String(dropLast()) : self }
}
