// SPDX-License-Identifier: Apache-2.0

extension YAMLNode {
    /// YAML text of this node, each value with the place it comes from: what `check --print-profile` shows.
    public func annotatedText() -> String {
        var lines: [(text: String, origin: String?)] = []
        append(to: &lines, indent: "", prefix: "")
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
                let key = Self.quoted(member.key, isPlain: true)
                member.value.append(to: &lines, indent: inner, prefix: "\(inner)\(key): ")
            }
        }
    }

    private static func quoted(_ text: String, isPlain: Bool) -> String {
        let special = Set(":#{}[],&*!|>'\"%@`")
        let needsQuotes =
            text.isEmpty || !isPlain || text.contains { special.contains($0) } || text.hasPrefix("-")
            || text.hasPrefix(" ")
        guard needsQuotes else { return text }
        return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}

extension String {
    fileprivate var trimmingTrailingBlank: String { hasSuffix(" ") ? String(dropLast()) : self }
}
