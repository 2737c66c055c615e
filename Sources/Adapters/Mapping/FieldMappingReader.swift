// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension FieldMapping {
    /// Reads a mapping; its name is the file's name without folder and extension.
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

/// Reads the YAML of a mapping and collects its mistakes.
private struct FieldMappingReader {
    let path: String
    let problems = ProblemList()

    private var start: SourceMark { SourceMark(file: path, line: 1, column: 1) }
    private var words: FieldWords { FieldWords(problems: problems) }

    func read(_ yaml: String) -> FieldMapping? {
        guard let root = YAMLLoader.load(yaml, file: path, problems: problems) else { return nil }
        var map = YAMLReader(root, what: "a mapping", at: start, problems: problems)
        var mapping = FieldMapping(name: DictionaryFile.name(path))
        mapping.summary = map.text("description") ?? ""
        mapping.filters = filters(&map)
        mapping.templates = templates(&map)
        mapping.codes = codes(&map)
        mapping.clock = map.choice("clock", of: FieldClock.self)?.clock ?? .source
        readRoots(&map, into: &mapping)
        mapping.notation = map.choice("payload", of: FieldMapping.Notation.self) ?? .json
        mapping.isGathered = map.flag("gather") ?? false
        mapping.isOneDevice = map.choice("device", of: Device.self) == .source
        mapping.isWhole = map.choice("numbers", of: Numbers.self) == .whole
        mapping.decimals = map.number("decimals", in: 0...9)
        mapping.absentWords = Set((map.texts("absent") ?? []).map(\.text))
        mapping.availabilityTopics = availability(&map)
        mapping.ask = ask(&map)
        mapping.conditions = conditions("when", &map) + conditions("unless", &map)
        mapping.submeters = SubmetersReader(problems: problems).read(&map)
        let phases = (map.texts("phases") ?? []).map(\.text)
        if !phases.isEmpty, phases.count != 3 {
            problems.error(
                map.node("phases")?.mark ?? root.mark, "\"phases\" has the words of three phases: [L1, L2, L3]")
        }
        mapping.fields = fields(&map, phases: phases.count == 3 ? phases : ["1", "2", "3"])
        mapping.sums = sums(&map)
        mapping.recognition = recognition(&map, phases: phases.count == 3 ? phases : ["1", "2", "3"])
        map.finish(synonyms: [
            "topic": "topics", "filter": "subscribe", "registers": "fields", "labels": "fields", "time": "clock",
            "sum": "sums", "obis": "codes", "recognize": "recognise", "detect": "recognise",
        ])
        if problems.isUsable, mapping.index.isEmpty, mapping.codes == nil {
            problems.error(root.mark, "\"fields\" is missing")
        }
        return mapping
    }

    // MARK: - Topics

    private func filters(_ map: inout YAMLReader) -> [String] {
        (map.texts("subscribe") ?? []).compactMap { text, mark in
            if TopicPattern(text) != nil { return text }
            problems.error(mark, "\"\(text)\" is not a topic filter: + and # stand alone between slashes, # at the end")
            return nil
        }
    }

    private func templates(_ map: inout YAMLReader) -> [TopicTemplate] {
        guard let texts = map.texts("topics") else { return [TopicTemplate("{field}")].compactMap(\.self) }
        return texts.compactMap { text, mark in
            let template = TopicTemplate(text)
            if template == nil {
                problems.error(
                    mark,
                    "\"\(text)\" is not an ending of a topic: levels, one of them perhaps {field} or {known}, others with "
                        + "{id} or {device} in them, and no #")
            }
            return template
        }
    }

    private func availability(_ map: inout YAMLReader) -> [String] {
        (map.texts("availability") ?? []).compactMap { text, mark in
            if !text.hasPrefix("/"), !text.contains("+"), !text.contains("#"), !text.contains("{") { return text }
            problems.error(mark, "\"\(text)\" is not an ending of a topic, such as status or bridge/state")
            return nil
        }
    }

    private func ask(_ map: inout YAMLReader) -> String? {
        guard let text = map.text("ask") else { return nil }
        if text.contains("+") || text.contains("#") || text.isEmpty {
            problems.error(
                map.node("ask")?.mark ?? map.mark,
                "\"\(text)\" is not a topic to write to, such as R/{device}/keepalive")
        }
        return text
    }

    private func readRoots(_ map: inout YAMLReader, into mapping: inout FieldMapping) {
        for (text, mark) in map.texts("root") ?? [] {
            guard text.contains("{"), let slash = text.lastIndex(of: "/") else {
                if let pointer = pointer(text, at: mark) { mapping.roots.append(pointer) }
                continue
            }
            let object = slash == text.startIndex ? "/" : String(text[..<slash])
            guard let member = TopicTemplate.Level(text[text.index(after: slash)...]), member.role != .literal,
                text.hasPrefix("/"), let pointer = slash == text.startIndex ? .document : JSONPointer(object)
            else {
                problems.error(mark, "\"\(text)\": {id} or {device} stands in the last level: /meters/{id}")
                continue
            }
            mapping.deviceRoots.append(FieldMapping.DeviceRoot(object: pointer, member: member))
        }
    }

    // MARK: - Fields

    private func pointer(_ text: String, at mark: SourceMark) -> JSONPointer? {
        let pointer = JSONPointer(text)
        if pointer == nil { problems.error(mark, "\"\(text)\" is not a JSON Pointer, which begins with /") }
        return pointer
    }

    private func conditions(_ key: String, _ map: inout YAMLReader) -> [FieldMapping.Condition] {
        let isExcluded = key == "unless"
        var when = map.map(key, what: key)
        return when.keys.compactMap { key in
            guard let member = when.member(key), let pointer = pointer(key, at: member.keyMark),
                let words = when.texts(key)
            else { return nil }
            for (word, mark) in words where word.hasPrefix("<") || word.hasPrefix(">") {
                problems.error(mark, "\"\(word)\" is a word that the value has to be; nothing is compared by size")
            }
            return FieldMapping.Condition(pointer: pointer, words: words.map(\.text), isExcluded: isExcluded)
        }
    }

    private func fields(_ map: inout YAMLReader, phases: [String]) -> [FieldMapping.Field] {
        var reader = map.map("fields", what: "fields")
        var fields: [FieldMapping.Field] = []
        for text in reader.keys {
            guard let member = reader.member(text) else { continue }
            for (phase, word) in FieldKey.phases(text, words: phases).enumerated() {
                guard let key = FieldKey(word) else {
                    problems.error(
                        member.keyMark,
                        "\"\(text)\" is not a field: a name, a name with + for a whole level, a pointer that begins with /, "
                            + "or NAME#/POINTER; {phase} stands for the words of the phases")
                    break
                }
                let found = alternatives(member.value, key, at: member.keyMark)
                fields += text.contains("{phase}") ? found.compactMap { $0.ofPhase(phase, problems, member) } : found
            }
        }
        return fields
    }

    /// One meaning, or several, of which the first with fulfilled conditions is used.
    private func alternatives(_ node: YAMLNode, _ key: FieldKey, at mark: SourceMark) -> [FieldMapping.Field] {
        guard case .sequence(let items) = node.content else { return field(node, key, at: mark).map { [$0] } ?? [] }
        return items.compactMap { field($0, key, at: $0.mark) }
    }

    private func field(_ node: YAMLNode, _ key: FieldKey, at mark: SourceMark) -> FieldMapping.Field? {
        if case .scalar(let text, _) = node.content {
            guard let meaning = words.meaning(text, at: node.mark) else { return nil }
            switch meaning {
            case .channel where key.name != nil || key.pointer == nil:
                problems.error(mark, "the field of the channel is a JSON Pointer: /\(key.text)")
            case .code, .value, .unit:
                if key.name?.hasWildcard != true {
                    problems.error(
                        mark, "\"\(text)\" needs a name with + in it, by which the topics belong together: +/\(text)")
                }
            default: break
            }
            return FieldMapping.Field(key: key, meaning: meaning)
        }
        var map = YAMLReader(node, what: "a field", at: mark, problems: problems)
        defer {
            map.finish(synonyms: ["obis": "register", "code": "register", "scale": "factor", "if": "when"])
        }
        let conditions = conditions("when", &map) + conditions("unless", &map)
        if let meaning = parts(&map) { return FieldMapping.Field(key: key, meaning: meaning, conditions: conditions) }
        let text = map.text("register")
        let place = map.node("register")?.mark ?? mark
        let factor = factor(&map)
        let decimals = map.number("decimals", in: 0...9)
        let zero = map.choice("zero", of: Zero.self)
        let isFallback = map.flag("fallback") ?? false
        guard let text else {
            problems.error(mark, "a field with details needs \"register\": 1-0:1.8.0 kWh")
            return nil
        }
        guard let meaning = words.meaning(text, at: place) else { return nil }
        guard case .register(var register) = meaning else {
            if conditions.isEmpty { problems.error(place, "\"\(text)\" is not a register: write \(key.text): \(text)") }
            return FieldMapping.Field(key: key, meaning: meaning, conditions: conditions)
        }
        if let factor { register.factor = register.factor.flatMap { $0.multiplied(by: factor) } ?? factor }
        register.decimals = decimals
        register.isZeroAbsent = zero == .absent
        register.isFallback = isFallback
        return FieldMapping.Field(key: key, meaning: .register(register), conditions: conditions)
    }

    /// `{split: ";", parts: [1-0:1.7.0 W, ignored]}`.
    private func parts(_ map: inout YAMLReader) -> FieldMapping.Meaning? {
        guard let separator = map.text("split") else { return nil }
        let parts = (map.texts("parts") ?? []).map { words.meaning($0.text, at: $0.mark) ?? .ignored }
        if separator.isEmpty || parts.isEmpty {
            problems.error(map.mark, "\"split\" needs what stands between the values, and \"parts\" what each is")
        }
        return .parts(separator: separator, parts)
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

    // MARK: - Codes, sums, recognition

    /// `codes: [Wh, W]`.
    private func codes(_ map: inout YAMLReader) -> CodeUnits? {
        guard let texts = map.texts("codes") else { return nil }
        var units = CodeUnits()
        for (text, mark) in texts {
            switch Unit(text).map({ ($0.dimension, $0.powerOfTen) }) {
            case (.activeEnergy, let power)?: units.energy = power
            case (.activePower, let power)?: units.power = power
            default:
                problems.error(mark, "\"codes\" names the unit of energies and that of powers: [Wh, W] or [kWh, kW]")
            }
        }
        return units
    }

    /// `sums: {1-0:1.8.0: [1-0:21.8.0, 1-0:41.8.0, - 1-0:61.8.0]}`.
    private func sums(_ map: inout YAMLReader) -> [FieldMapping.RegisterSum] {
        var reader = map.map("sums", what: "sums")
        return reader.keys.compactMap { key in
            guard let member = reader.member(key), let texts = reader.texts(key) else { return nil }
            guard let code = OBISCode(key) else {
                problems.error(member.keyMark, "\"\(key)\" is not a register")
                return nil
            }
            let terms = texts.compactMap { text, mark -> FieldMapping.RegisterSum.Term? in
                let isSubtracted = text.hasPrefix("-")
                let word = isSubtracted ? text.dropFirst().drop { $0 == " " } : text[...]
                if let code = OBISCode(String(word)) { return .init(code: code, isSubtracted: isSubtracted) }
                problems.error(mark, "\"\(text)\" is not a register, also not with - before it")
                return nil
            }
            if terms.count < 2 { problems.error(member.keyMark, "a sum has two terms at least") }
            return FieldMapping.RegisterSum(code: code, terms: terms)
        }
    }

    /// `recognise: [/a, [/b, /c]]`, or the same with details: `{fields: […], unless: […], rank: 1}`.
    private func recognition(_ map: inout YAMLReader, phases: [String]) -> Recognition? {
        guard let node = map.node("recognise"), !node.isNull else { return nil }
        func keys(_ node: YAMLNode) -> [FieldKey] {
            guard let text = node.text("recognise", problems: problems) else { return [] }
            return FieldKey.phases(text, words: phases).prefix(1).compactMap { word in
                let key = FieldKey(word)
                if key == nil { problems.error(node.mark, "\"\(text)\" is not a field") }
                return key
            }
        }
        func groups(_ node: YAMLNode) -> [[FieldKey]] {
            guard case .sequence(let items) = node.content else { return [keys(node)] }
            return items.map { item in
                if case .sequence(let members) = item.content { return members.flatMap(keys) }
                return keys(item)
            }
        }
        guard case .mapping = node.content else { return Recognition(fields: groups(node)) }
        var details = YAMLReader(node, what: "recognise", at: node.mark, problems: problems)
        let recognition = Recognition(
            fields: details.node("fields").map(groups) ?? [],
            absent: details.node("unless").map(groups)?.flatMap(\.self) ?? [],
            rank: details.number("rank", in: 0...9) ?? 0, doubt: details.text("doubt"))
        details.finish(synonyms: ["has": "fields", "when": "fields"])
        if recognition.fields.isEmpty {
            problems.error(node.mark, "\"recognise\" names fields that only this reader has")
        }
        return recognition
    }

    private enum Device: String, CaseIterable { case source, topic }

    private enum Numbers: String, CaseIterable { case any, whole }

    private enum Zero: String, CaseIterable { case value, absent }

    private enum FieldClock: String, CaseIterable {
        case meter, source
        var clock: Telegram.Clock { self == .meter ? .meter : .source }
    }
}

extension FieldMapping.Field {
    /// The same field for another phase: the registers of L2 and L3 are 20 and 40 after those of L1.
    fileprivate func ofPhase(_ phase: Int, _ problems: ProblemList, _ member: YAMLNode.Member) -> FieldMapping.Field? {
        guard case .register(var register) = meaning, register.code.a == 1, (21...40).contains(register.code.c) else {
            if phase == 0 {
                problems.error(
                    member.value.mark,
                    "a field with {phase} has a register of L1, whose third number is 21 to 40: 1-0:36.7.0 W")
            }
            return nil
        }
        let code = register.code
        register.code = OBISCode(code.a, code.b, code.c + UInt8(20 * phase), code.d, code.e)
        return FieldMapping.Field(key: key, meaning: .register(register), conditions: conditions)
    }
}
