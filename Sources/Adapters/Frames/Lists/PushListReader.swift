// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension PushList {
    /// Reads a file of lists.
    ///
    /// - Throws: all mistakes of the file at once.
    public static func load(yaml: String, path: String) throws(LabelDictionaryError) -> [PushList] {
        let reader = PushListReader(path: path)
        let lists = reader.read(yaml)
        guard reader.problems.isUsable else { throw LabelDictionaryError(faults: reader.problems.sorted) }
        return lists
    }
}

/// Reads the YAML of lists and collects its mistakes.
private struct PushListReader {
    let path: String
    let problems = ProblemList()

    private var start: SourceMark { SourceMark(file: path, line: 1, column: 1) }

    func read(_ yaml: String) -> [PushList] {
        guard let root = YAMLLoader.load(yaml, file: path, problems: problems) else { return [] }
        var map = YAMLReader(root, what: "a file of lists", at: start, problems: problems)
        _ = map.text("description")
        var lists = map.map("lists", what: "lists")
        let read = lists.keys.compactMap { key in lists.member(key).map { list($0) } }
        map.finish(synonyms: ["list": "lists"])
        if problems.isUsable, read.isEmpty { problems.error(root.mark, "\"lists\" is missing") }
        return read
    }

    private func list(_ member: YAMLNode.Member) -> PushList {
        var map = YAMLReader(member.value, what: "a list", at: member.keyMark, problems: problems)
        var list = PushList(name: member.key)
        list.shape = map.choice("shape", of: ListShape.self)
        list.isByHand = map.flag("by_hand") ?? false
        list.isGuess = map.flag("guess") ?? false
        list.clock = map.choice("clock", of: PushList.ClockRule.self) ?? .asSent
        list.laws = words("laws", of: ListLaw.self, &map)
        list.quirks = words("quirks", of: PushList.Quirk.self, &map)
        list.match = match(&map)
        list.positions = (map.texts("values") ?? []).compactMap { position($0.text, at: $0.mark) }
        list.scales = scales(&map)
        map.finish(synonyms: ["list": "values", "positions": "values", "scale": "scales", "first": "match"])
        if list.shape == .positional, list.positions.isEmpty, problems.isUsable {
            problems.error(member.keyMark, "the positional list \"\(member.key)\" needs \"values\"")
        }
        if let count = list.match.count, list.shape == .positional, count != list.positions.count {
            problems.error(
                member.keyMark, "\"\(member.key)\" counts \(count) values and names \(list.positions.count)")
        }
        return list
    }

    private func match(_ map: inout YAMLReader) -> PushList.Match {
        var reader = map.map("match", what: "match")
        defer { reader.finish(synonyms: ["versions": "version", "devices": "device", "items": "count"]) }
        return PushList.Match(
            versions: (reader.texts("version") ?? []).map(\.text), devices: (reader.texts("device") ?? []).map(\.text),
            count: reader.number("count", in: 1...512), types: reader.text("types").map { Array($0.utf8) })
    }

    private func words<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Word.Type, _ map: inout YAMLReader
    ) -> [Word] {
        (map.texts(key) ?? []).compactMap { text, mark in
            if let word = Word(rawValue: text) { return word }
            problems.error(
                mark, "unknown \(key) \"\(text)\"" + NearestWord.hint(text, in: Word.allCases.map(\.rawValue)))
            return nil
        }
    }

    private func scales(_ map: inout YAMLReader) -> PushList.Scales {
        var reader = map.map("scales", what: "scales")
        defer { reader.finish(synonyms: ["volts": "voltage", "counters": "energy"]) }
        return PushList.Scales(
            energy: power("energy", &reader), power: power("power", &reader), voltage: power("voltage", &reader),
            current: power("current", &reader), powerFactor: power("power_factor", &reader))
    }

    private func power(_ key: String, _ map: inout YAMLReader) -> Int? {
        guard let text = map.text(key), let mark = map.node(key)?.mark else { return nil }
        return power(text, at: mark)
    }

    /// The exponent of a power of ten: -2 for `0.01`.
    private func power(_ text: String, at mark: SourceMark) -> Int? {
        guard let number = ExactDecimal(text), number.mantissa == 1 else {
            problems.error(mark, "\"\(text)\" is not a power of ten such as 10, 1 or 0.01")
            return nil
        }
        return number.exponent
    }

    /// Parses `1-0:31.7.0 A 0.01` (code, unit and factor) or a keyword.
    private func position(_ text: String, at mark: SourceMark) -> PushList.Position? {
        let parts = text.split(separator: " ").map(String.init)
        switch text {
        case "id": return .id
        case "device": return .device
        case "version": return .version
        case "model": return .model
        case "clock": return .clock
        case "skip": return .skipped
        default: break
        }
        guard let first = parts.first, parts.count <= 3, let code = OBISCode(first) else {
            problems.error(
                mark,
                "\"\(text)\" is neither a register (1-0:31.7.0 A 0.01) nor id, device, version, model, clock or skip")
            return nil
        }
        var unit: Unit?
        if parts.count > 1 {
            unit = Unit(parts[1])
            if unit == nil { problems.error(mark, "unknown unit \"\(parts[1])\"") }
        }
        let power = parts.count > 2 ? power(parts[2], at: mark) ?? 0 : 0
        return .register(code, power: power, unit: unit)
    }
}
