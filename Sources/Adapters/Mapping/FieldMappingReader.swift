// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension FieldMapping {
    /// Reads a mapping; its name is the file's without folder and ending.
    ///
    /// - Throws: all mistakes of the file at once.
    public static func load(yaml: String, path: String) throws(LabelDictionaryError) -> FieldMapping {
        let reader = FieldMappingReader(path: path)
        let mapping = reader.read(yaml)
        guard reader.problems.isUsable, let mapping else {
            throw LabelDictionaryError(faults: reader.problems.sorted)
        }
        return mapping
    }
}

/// Turns the YAML of a mapping into one, and collects its mistakes.
private struct FieldMappingReader {
    let path: String
    let problems = ProblemList()

    private var start: SourceMark { SourceMark(file: path, line: 1, column: 1) }

    func read(_ yaml: String) -> FieldMapping? {
        guard let root = YAMLLoader.load(yaml, file: path, problems: problems) else { return nil }
        var map = YAMLReader(root, what: "a mapping", at: start, problems: problems)
        var mapping = FieldMapping(
            name: DictionaryFile.name(path), summary: map.text("description") ?? "", filters: filters(&map),
            endings: endings(&map), pointed: [], named: [:])
        mapping.clock = map.choice("clock", of: FieldClock.self)?.clock ?? .source
        mapping.roots = (map.texts("root") ?? []).compactMap { pointer($0.text, at: $0.mark) }
        mapping.notation = map.choice("payload", of: FieldMapping.Notation.self) ?? .json
        mapping.isGathered = map.flag("gather") ?? false
        mapping.isOneDevice = map.choice("device", of: Device.self) == .source
        mapping.isWhole = map.choice("numbers", of: Numbers.self) == .whole
        mapping.decimals = map.number("decimals", in: 0...9)
        mapping.absentWords = Set((map.texts("absent") ?? []).map(\.text))
        mapping.availabilityTopics = (map.texts("availability") ?? []).map(\.text)
        mapping.conditions = conditions("when", &map) + conditions("unless", &map)
        mapping.submeters = SubmetersReader(problems: problems).read(&map)
        for field in fields(&map) {
            if field.pointer == nil {
                mapping.named[field.key] = field
            } else {
                // What the other fields mean depends on the channel.
                mapping.pointed.insert(field, at: field.meaning == .channel ? 0 : mapping.pointed.count)
            }
        }
        map.finish(synonyms: ["topic": "subscribe", "registers": "fields", "labels": "fields", "time": "clock"])
        if problems.isUsable, mapping.pointed.isEmpty, mapping.named.isEmpty {
            problems.error(root.mark, "\"fields\" is missing")
        }
        return mapping
    }

    private func filters(_ map: inout YAMLReader) -> [String] {
        (map.texts("subscribe") ?? []).compactMap { text, mark in
            if TopicPattern(text) != nil { return text }
            problems.error(mark, "\"\(text)\" is no topic filter: + and # stand alone between slashes, # at the end")
            return nil
        }
    }

    private func endings(_ map: inout YAMLReader) -> [TopicEnding] {
        guard let texts = map.texts("topics") else { return [TopicEnding("{field}")].compactMap(\.self) }
        return texts.compactMap { text, mark in
            let ending = TopicEnding(text)
            if ending == nil {
                problems.error(mark, "\"\(text)\" must have one level {field} or {known}, and no + or #")
            }
            return ending
        }
    }

    private func pointer(_ text: String, at mark: SourceMark) -> JSONPointer? {
        let pointer = JSONPointer(text)
        if pointer == nil { problems.error(mark, "\"\(text)\" is no JSON Pointer, which begins with /") }
        return pointer
    }

    private func conditions(_ key: String, _ map: inout YAMLReader) -> [FieldMapping.Condition] {
        let isExcluded = key == "unless"
        var when = map.map(key, what: key)
        return when.keys.compactMap { key in
            guard let member = when.member(key), let pointer = pointer(key, at: member.keyMark),
                let words = when.texts(key)
            else { return nil }
            return FieldMapping.Condition(pointer: pointer, words: words.map(\.text), isExcluded: isExcluded)
        }
    }

    private func fields(_ map: inout YAMLReader) -> [FieldMapping.Field] {
        var reader = map.map("fields", what: "fields")
        return reader.keys.compactMap { key in reader.member(key).flatMap(field) }
    }

    private func field(_ member: YAMLNode.Member) -> FieldMapping.Field? {
        let key = member.key
        let pointer = key.hasPrefix("/") ? JSONPointer(key) : nil
        if case .scalar(let words, _) = member.value.content {
            guard let meaning = FieldWords(problems: problems).meaning(words, at: member.value.mark) else { return nil }
            if meaning == .channel, pointer == nil {
                problems.error(member.keyMark, "the field of the channel is a JSON Pointer: /\(key)")
            }
            return FieldMapping.Field(key: key, pointer: pointer, meaning: meaning)
        }
        var map = YAMLReader(member.value, what: "a field", at: member.keyMark, problems: problems)
        let words = map.text("register")
        let mark = map.node("register")?.mark ?? member.keyMark
        let factor = factor(&map)
        let decimals = map.number("decimals", in: 0...9)
        let zero = map.choice("zero", of: Zero.self)
        let isFallback = map.flag("fallback") ?? false
        let conditions = conditions("when", &map) + conditions("unless", &map)
        map.finish(synonyms: ["obis": "register", "code": "register", "scale": "factor", "if": "when"])
        guard let words else {
            problems.error(member.keyMark, "a field with details needs \"register\": 1-0:1.8.0 kWh")
            return nil
        }
        guard case .register(var register) = FieldWords(problems: problems).meaning(words, at: mark) else { return nil }
        register.factor = factor
        register.decimals = decimals
        register.isZeroAbsent = zero == .absent
        register.isFallback = isFallback
        return FieldMapping.Field(key: key, pointer: pointer, meaning: .register(register), conditions: conditions)
    }

    private func factor(_ map: inout YAMLReader) -> ExactDecimal? {
        guard let text = map.text("factor") else { return nil }
        let factor = ExactDecimal(text)
        if factor == nil || factor?.isZero == true {
            problems.error(
                map.node("factor")?.mark ?? map.mark, "\"factor\" is a number such as 0.001, not \"\(text)\"")
        }
        return factor
    }

    private enum Device: String, CaseIterable { case source, topic }

    private enum Numbers: String, CaseIterable { case any, whole }

    private enum Zero: String, CaseIterable { case value, absent }

    private enum FieldClock: String, CaseIterable {
        case meter, source
        var clock: Telegram.Clock { self == .meter ? .meter : .source }
    }
}
