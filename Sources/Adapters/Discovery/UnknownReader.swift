// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// A probable meter that no adapter reads, with a draft of a mapping whose lines are guesses.
public struct UnknownReader: Sendable, Equatable {
    /// The filter of a source for it.
    public var subscribe: String
    /// Its topics so far.
    public var topics: [String]
    /// A mapping with the guessed meaning of each field; fields without a guess are comments.
    public var mapping: String

    /// Maximum number of fields shown per reader.
    private static let limit = 60

    /// The unknown readers among the newest messages of topics, JSON first.
    static func all(in samples: [HeardMessage]) -> [UnknownReader] {
        var readers: [UnknownReader] = []
        var values: [String: [HeardMessage]] = [:]
        for sample in samples {
            guard let root = sample.root, Wrapped(sample) == nil else {
                if Wrapped(sample) != nil || !JSONShape.isStructured(sample.message.payload),
                    let parent = Self.parent(sample.message.topic)
                {
                    values[parent.prefix + "\n" + parent.ending, default: []].append(sample)
                }
                continue
            }
            if let reader = ofJSON(sample.message.topic, root) {
                let twin = readers.firstIndex { $0.mapping == reader.mapping }
                if let twin { readers[twin].topics += reader.topics } else { readers.append(reader) }
            }
        }
        for (key, members) in values.sorted(by: { $0.key < $1.key }) {
            let parts = key.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if let reader = ofValues(members, prefix: parts[0], ending: parts[1]) { readers.append(reader) }
        }
        return readers
    }

    /// A value in an object with its time: `{"timestamp":1795214400512,"value":12345678.9}` (vzlogger).
    private struct Wrapped {
        let value: String
        /// The name of the member with the time.
        let time: String?

        init?(_ sample: HeardMessage) {
            guard let root = sample.root, let inner = root["value"] ?? root["val"], inner.quotedDecimal != nil else {
                return nil
            }
            let others = root.members.map(\.key.string).filter { !["value", "val", "unit", "units"].contains($0) }
            guard others.count <= 1, others.allSatisfy({ ["timestamp", "time", "ts"].contains($0) }) else { return nil }
            value = inner.literal.string
            time = others.first
        }
    }

    /// Splits `home/cellar/power` into the field power below home/cellar, and `x/sensor/power/state` into a field
    /// before `state`.
    private static func parent(_ topic: String) -> (prefix: String, ending: String)? {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = levels.last, levels.count > 1 else { return nil }
        let ending = ["state", "value", "raw"].contains(last) && levels.count > 2 ? String(last) : ""
        return (levels.dropLast(ending.isEmpty ? 1 : 2).joined(separator: "/"), ending)
    }

    private static func ofJSON(_ topic: String, _ root: JSONValue) -> UnknownReader? {
        var fields: [(key: String, name: String, value: String)] = []
        collect(root, "", "", 0, &fields)
        // A switchable plug measures power but is not a meter.
        let isSwitch = root.members.contains { member in
            member.key.string.hasPrefix("state") && ["ON", "OFF", "on", "off"].contains(member.value.literal.string)
        }
        guard !isSwitch, let lines = lines(fields) else { return nil }
        return UnknownReader(
            subscribe: topic, topics: [topic],
            mapping: (["description: the reader on \(Self.comment(topic))", "fields:"] + lines).joined(separator: "\n")
                + "\n")
    }

    private static func ofValues(_ members: [HeardMessage], prefix: String, ending: String) -> UnknownReader? {
        let fields = members.prefix(limit).map { sample in
            let levels = sample.message.topic.split(separator: "/", omittingEmptySubsequences: false)
            let name = String(levels[levels.count - (ending.isEmpty ? 1 : 2)])
            let value = Wrapped(sample)?.value ?? String(decoding: sample.message.payload.prefix(40), as: UTF8.self)
            return (name, name, value)
        }
        // A single power belongs to a device, not to a meter.
        guard var lines = lines(fields),
            lines.count(where: { $0.contains("# guessed") }) > 1
                || fields.contains(where: { FieldGuess(name: $0.1, value: $0.2)?.isCounter ?? false })
        else { return nil }
        if let time = members.lazy.compactMap({ Wrapped($0)?.time }).first {
            lines.append("  \(key("/" + time)): clock")
        }
        var head = ["description: the reader on \(Self.comment(prefix))", "gather: true"]
        if !ending.isEmpty { head.append("topics: [\"{field}/\(ending)\"]") }
        return UnknownReader(
            subscribe: prefix + (ending.isEmpty ? "/+" : "/+/\(ending)"), topics: members.map(\.message.topic),
            mapping: (head + ["fields:"] + lines).joined(separator: "\n") + "\n")
    }

    private static func collect(
        _ value: JSONValue, _ pointer: String, _ name: String, _ depth: Int,
        _ fields: inout [(key: String, name: String, value: String)]
    ) {
        guard fields.count < limit, depth < 6 else { return }
        for member in value.members {
            let key = member.key.string
            let here = pointer + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
            step(member.value, here, name + " " + key, depth, &fields)
        }
        for (index, element) in value.elements.enumerated().prefix(6) {
            step(element.value, pointer + "/\(index)", name + " \(index + 1)", depth, &fields)
        }
    }

    private static func step(
        _ value: JSONValue, _ pointer: String, _ name: String, _ depth: Int,
        _ fields: inout [(key: String, name: String, value: String)]
    ) {
        if value.kind == .object || value.kind == .array { return collect(value, pointer, name, depth + 1, &fields) }
        fields.append((pointer, name, String(value.literal.string.prefix(40))))
    }

    /// nil when no field looks like an energy, a power or a volume.
    private static func lines(_ fields: [(key: String, name: String, value: String)]) -> [String]? {
        var used: Set<String> = []
        var isMeter = false
        let lines = fields.map { field -> String in
            let key = Self.key(field.key)
            let value = comment(field.value)
            guard let guess = FieldGuess(name: field.name, value: field.value), used.insert(guess.words).inserted else {
                return "  # \(key):   # was \(value)"
            }
            isMeter = isMeter || guess.isMain
            return "  \(key): \(guess.words)   # guessed; was \(value)"
        }
        return isMeter ? lines : nil
    }

    /// A YAML key, quoted if necessary.
    private static func key(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte >= 0x30 && byte <= 0x39
                || [UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
        }
        if isPlain, let first = text.first, first.isLetter || first == "/" { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func comment(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }
}
