// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Reports, once each, numbers that a reader sends and no field reads, and fields of the mapping that never arrive.
struct FieldReview: Sendable {
    /// Maximum number of remembered names per device; a device may invent any number.
    private static let limit = 200
    /// Number of messages after which a missing field is reported.
    private static let patience = 10

    private let mapping: FieldMapping
    private var told: Set<String> = []
    private var heard: Set<String> = []
    private var messages = 0

    init(_ mapping: FieldMapping) { self.mapping = mapping }

    /// Checks a message of the reader.
    mutating func hear(name: String?, isKnown: Bool, payload: [UInt8], root: JSONValue?) -> [Remark] {
        var remarks: [Remark] = []
        let unread = self.unread(name: name, isKnown: isKnown, payload: payload, root: root).filter {
            told.count < Self.limit && told.insert($0).inserted
        }
        if !unread.isEmpty { remarks.append(.unreadFields(unread, mapping: mapping.name)) }
        guard !mapping.isShipped, messages < Self.patience else { return remarks }
        messages += 1
        note(name: name, root: root)
        if messages == Self.patience, !missing.isEmpty {
            remarks.append(.absentFields(missing, mapping: mapping.name))
        }
        return remarks
    }

    /// Reports a value whose code the reader has not sent.
    mutating func remark(uncoded name: String) -> [Remark] {
        guard told.count < Self.limit, told.insert("code of \(name)").inserted else { return [] }
        return [.malformed("\(name): the reader has not said which OBIS code it is; it says so when it starts")]
    }

    /// Fields that no message contained so far.
    var missing: [String] {
        var seen: Set<String> = []
        return mapping.fields.filter { !heard.contains($0.key.text) && $0.meaning != .ignored }.map(\.key.text)
            .filter { seen.insert($0).inserted }
    }

    /// Notes the fields in a message.
    mutating func note(name: String?, root: JSONValue?) {
        for field in mapping.fields where !heard.contains(field.key.text) {
            let isThere: Bool
            switch (field.key.name, field.key.pointer) {
            case (nil, let pointer?): isThere = root.flatMap { pointer.value(in: $0) } != nil
            case (let pattern?, nil):
                isThere =
                    name.flatMap { pattern.word(of: $0) } != nil
                    || bodies(root).contains { body in
                        body.member(Array(pattern.text.utf8)) != nil
                            || body.elements.contains { $0.value["name"]?.text == pattern.text }
                    }
            case (let pattern?, let pointer?):
                isThere = name.flatMap { pattern.word(of: $0) } != nil && root.flatMap { pointer.value(in: $0) } != nil
            case (nil, nil): isThere = false
            }
            if isThere { heard.insert(field.key.text) }
        }
    }

    private func bodies(_ root: JSONValue?) -> [JSONValue] {
        guard let root else { return [] }
        let inner = mapping.roots.compactMap { $0.value(in: root) }
        let devices = mapping.deviceRoots.flatMap { rule -> [JSONValue] in
            guard let object = rule.object.value(in: root) else { return [] }
            return object.members.filter { rule.member.word(of: $0.key.string[...]) != nil }.map(\.value)
        }
        return (inner.isEmpty ? [root] : inner) + devices
    }

    /// Numbers in a message that no field reads: the topic's name, or pointers to members.
    func unread(name: String?, isKnown: Bool, payload: [UInt8], root: JSONValue?) -> [String] {
        guard let root else {
            guard let name, !isKnown, Self.isNumber(payload) else { return [] }
            return [name]
        }
        if let name, isKnown, mapping.index.hasNames, !mapping.fields(named: name).isEmpty { return [] }
        var unread: [String] = []
        collect(root, pointer: "", depth: 0, name: name, root: root, into: &unread)
        return unread
    }

    private func collect(
        _ value: JSONValue, pointer: String, depth: Int, name: String?, root: JSONValue, into unread: inout [String]
    ) {
        guard unread.count < 40, depth < 5 else { return }
        for member in value.members {
            let key = member.key.string
            let here = pointer + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
            if member.value.kind == .object {
                if mapping.isRead(here, whole: true) || mapping.reads(key) { continue }
                collect(member.value, pointer: here, depth: depth + 1, name: name, root: root, into: &unread)
            } else if member.value.quotedDecimal != nil, !mapping.isRead(here), !mapping.reads(key) {
                unread.append(here)
            }
        }
    }

    private static func isNumber(_ payload: [UInt8]) -> Bool {
        guard payload.count < 40 else { return false }
        return payload.withUnsafeBufferPointer { ExactDecimal(bytes: P1Text.trimmed($0)) } != nil
    }
}

extension FieldMapping {
    /// True when a field points to this position in the JSON, or into it.
    ///
    /// - Parameter whole: true for an object, which is read only when a field points to it, not into it.
    fileprivate func isRead(_ pointer: String, whole: Bool = false) -> Bool {
        (index.pointed + index.scoped).contains { field in
            guard let text = field.key.pointer?.text else { return false }
            return text == pointer || pointer.hasPrefix(text + "/") || !whole && text.hasPrefix(pointer + "/")
                || text.contains("=") && pointer.hasPrefix(text.prefix { $0 != "=" })
        } || conditions.contains { $0.pointer.text == pointer }
    }

    /// True when a member of that name is a field.
    fileprivate func reads(_ name: String) -> Bool { !fields(named: name).isEmpty }
}
