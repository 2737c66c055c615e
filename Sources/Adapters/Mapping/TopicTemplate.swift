// SPDX-License-Identifier: Apache-2.0

/// The ending of a reader's topics: `{field}`, `sensor/{field}/state`, `{id}/status/em:0`,
/// `N/{id}/grid/{device}/{known}`.
///
/// Any levels may precede it. `{field}` is the name of the field whose value is the payload, known or not; `{known}` is
/// a name in the mapping; a name may have several levels. `{id}` is the meter's id; `{device}` distinguishes devices
/// but is not an id; both may be part of a level (`em1:{id}`).
struct TopicTemplate: Sendable, Equatable {
    /// The kind of the level with a field's name.
    private enum Name: Sendable, Equatable { case none, open, known }

    /// A literal level, or one with a placeholder.
    struct Level: Sendable, Equatable {
        enum Role: Sendable { case literal, any, id, device }
        var before: String
        var behind = ""
        var role = Role.literal

        /// nil for more than one placeholder, and for an unknown one.
        init?(_ text: Substring) {
            guard text != "+" else {
                (before, role) = ("", .any)
                return
            }
            guard let open = text.firstIndex(of: "{") else {
                guard !text.contains("+"), !text.contains("#"), !text.contains("}") else { return nil }
                before = String(text)
                return
            }
            guard let close = text[open...].firstIndex(of: "}") else { return nil }
            before = String(text[..<open])
            behind = String(text[text.index(after: close)...])
            guard !behind.contains("{"), !behind.contains("}"), !before.contains("+") else { return nil }
            switch text[text.index(after: open)..<close] {
            case "id": role = .id
            case "device": role = .device
            default: return nil
            }
        }

        /// The text in the placeholder's place; nil when the level does not match.
        func word(of level: Substring) -> Substring? {
            if role == .literal { return level == before ? "" : nil }
            guard level.hasPrefix(before), level.hasSuffix(behind),
                level.utf8.count > before.utf8.count + behind.utf8.count || role == .any
            else { return nil }
            return level.dropFirst(before.count).dropLast(behind.count)
        }
    }

    /// The template as written.
    let text: String
    /// The levels before and after the field's name; without a name all levels are before.
    private let before: [Level]
    private let behind: [Level]
    private let name: Name

    /// A topic that matches a template.
    struct Match: Equatable {
        /// The field's name, nil when the whole payload is the reader's JSON.
        var name: String?
        /// True when the mapping knows the name.
        var isKnown = false
        /// The text for `{id}`; several are joined by a hyphen.
        var id: String?
        /// The text for `{id}` and `{device}`; nil when the template has neither.
        var device: String?
        /// The levels before the template.
        var prefix: String
        /// The levels that the template matches.
        var ending: String
        /// The filter for all fields of the device.
        var filter: String
        /// True when a level of the template is literal, so that the topic is probably the reader's.
        var isOwn = false
    }

    /// The shape of a mapping's names, for a filter that matches all of them.
    struct Shape: Equatable {
        /// Number of levels that all names begin with.
        var common = 0
        /// True when each name is one level.
        var isFlat = true
    }

    /// nil when a level has a wildcard and other characters, a placeholder is unknown, or two name the field.
    init?(_ text: String) {
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        let places = levels.indices.filter { levels[$0] == "{field}" || levels[$0] == "{known}" }
        guard places.count <= 1, !text.isEmpty else { return nil }
        let place = places.first ?? levels.endIndex
        let parts = levels.enumerated().map { $0 == place ? nil : Level($1) }
        guard parts.enumerated().allSatisfy({ $0 == place || $1 != nil }) else { return nil }
        self.text = text
        before = parts[..<place].compactMap(\.self)
        behind = place < levels.endIndex ? parts[(place + 1)...].compactMap(\.self) : []
        name = place == levels.endIndex ? .none : levels[place] == "{field}" ? .open : .known
    }

    /// True when the topic names a field.
    var namesField: Bool { name != .none }

    /// True when it defines which part of a topic is the device.
    var namesDevice: Bool { (before + behind).contains { $0.role == .id || $0.role == .device } }

    /// True when a level is the meter's id.
    var hasID: Bool { (before + behind).contains { $0.role == .id } }

    /// True when it has a literal level, so that a matching topic is probably the reader's.
    var hasLiteral: Bool { (before + behind).contains { $0.role == .literal } }

    /// Matches a topic; nil when it does not fit.
    ///
    /// - Parameter isKnown: names may have several levels: `gas/delivered`. The longest known name is used.
    func match(_ topic: String, shape: Shape = Shape(), isKnown: (String) -> Bool) -> Match? {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        guard name != .none else {
            guard levels.count >= before.count else { return nil }
            return match(levels, names: levels.count..<levels.count, isKnown: false, shape: shape)
        }
        let end = levels.count - behind.count
        guard end - before.count >= 1 else { return nil }
        for count in stride(from: min(Self.nameLimit, end - before.count), through: 1, by: -1) {
            let word = levels[(end - count)..<end].joined(separator: "/")
            let known = isKnown(word)
            guard known || (count == 1 && name == .open) else { continue }
            if let match = match(levels, names: (end - count)..<end, isKnown: known, shape: shape) { return match }
        }
        return nil
    }

    private func match(_ levels: [Substring], names: Range<Int>, isKnown: Bool, shape: Shape) -> Match? {
        let start = names.lowerBound - before.count
        guard start >= 0 else { return nil }
        var ids: [String] = []
        var devices: [String] = []
        var spelled = levels[..<start].map(String.init)
        func read(_ templates: [Level], _ part: ArraySlice<Substring>) -> Bool {
            for (template, level) in zip(templates, part) {
                guard let word = template.word(of: level) else { return false }
                if template.role == .id { ids.append(String(word)) }
                if template.role == .id || template.role == .device { devices.append(String(word)) }
                spelled.append(template.role == .any ? "+" : String(level))
            }
            return true
        }
        guard read(before, levels[start..<names.lowerBound]) else { return nil }
        let name = levels[names].joined(separator: "/")
        if !names.isEmpty {
            let shared = isKnown ? min(shape.common, names.count - 1) : 0
            spelled += levels[names].prefix(shared).map(String.init)
            spelled.append(behind.isEmpty && !shape.isFlat ? "#" : "+")
        }
        guard read(behind, levels[names.upperBound...]) else { return nil }
        return Match(
            name: names.isEmpty ? nil : name, isKnown: isKnown, id: ids.isEmpty ? nil : ids.joined(separator: "-"),
            device: devices.isEmpty ? nil : devices.joined(separator: "/"),
            prefix: levels[..<start].joined(separator: "/"), ending: levels[start...].joined(separator: "/"),
            filter: spelled.joined(separator: "/"), isOwn: hasLiteral)
    }

    /// A name has no more levels than this.
    private static let nameLimit = 8
}
