// SPDX-License-Identifier: Apache-2.0

/// Reads the `registers` and `derived` of a profile.
struct RegisterReader {
    let problems: ProblemList

    func registers(_ node: YAMLNode?) -> [OBISCode: RegisterDeclaration] {
        var registers: [OBISCode: RegisterDeclaration] = [:]
        var aliases: [String: SourceMark] = [:]
        for member in members(of: node, "registers") {
            guard let obis = ProfileLoader.obis(member.key) else { continue }  // reported while merging
            var map = YAMLReader(member.value, what: "a register", at: member.keyMark, problems: problems)
            let register = RegisterDeclaration(
                obis: obis, alias: alias(&map, taken: &aliases), units: units(&map),
                decimals: map.number("decimals", in: 0...12), range: range(&map),
                sentinels: Sentinels.read("sentinel", &map), unlimited: Sentinels.read("unlimited", &map),
                isCounter: map.flag("counter"),
                description: map.text("description") ?? "", mark: member.keyMark)
            map.finish(synonyms: ["name": "alias", "digits": "decimals", "precision": "decimals"])
            registers[obis] = register
        }
        return registers
    }

    func derived(_ node: YAMLNode?) -> [DerivedRegister] {
        members(of: node, "derived").compactMap { member in
            guard let obis = ProfileLoader.obis(member.key) else { return nil }
            var map = YAMLReader(member.value, what: "a derived register", at: member.keyMark, problems: problems)
            let way = way(of: obis, at: member.keyMark, &map)
            let isEnabled = map.flag("enabled") ?? true
            map.finish()
            guard isEnabled, let way else { return nil }
            return DerivedRegister(obis: obis, way: way, mark: member.keyMark)
        }
    }

    /// The keys that define how a register is computed.
    static let ways = ["add", "subtract", "phases", "positive", "negative", "tariffs"]

    /// How a register is computed.
    private func way(of obis: OBISCode, at mark: SourceMark, _ map: inout YAMLReader) -> DerivedRegister.Way? {
        var sum = DerivedRegister.Sum(add: codes("add", &map), subtract: codes("subtract", &map))
        sum.phases = codes("phases", &map)
        sum.maxIntervals = maxIntervals(&map)
        let positive = codes("positive", &map)
        let negative = codes("negative", &map)
        let tariffMark = map.node("tariffs")?.mark
        let isTariffs = map.flag("tariffs") ?? false
        if isTariffs, !DerivedRegister.totals.contains(obis), let tariffMark {
            problems.error(tariffMark, "\"tariffs\" are those of 1-0:1.8.0 and 1-0:2.8.0; name others under \"add\"")
        }
        if !sum.add.isEmpty || !sum.subtract.isEmpty { return .sum(sum) }
        if isTariffs { return .tariffs }
        if let code = positive.only { return .part(of: code, .positive) }
        if let code = negative.only { return .part(of: code, .negative) }
        problems.error(
            mark,
            "a derived register has \"add\" or \"subtract\", \"tariffs: true\", or \"positive\" or \"negative\" with one code"
        )
        return nil
    }

    private func members(of node: YAMLNode?, _ what: String) -> [YAMLNode.Member] {
        switch node?.content {
        case .mapping(let members): return members
        case nil: return []
        default:
            if let node, !node.isNull { problems.error(node.mark, "\"\(what)\" is a mapping of OBIS codes") }
            return []
        }
    }

    /// An alias becomes a topic level and a JSON key that JMESPath and Jinja can name without quotes.
    private func alias(_ map: inout YAMLReader, taken: inout [String: SourceMark]) -> String? {
        guard let node = map.node("alias"), !node.isNull, let alias = node.text("alias", problems: problems) else {
            return nil
        }
        if alias == "{medium}" { return alias }
        let isWord =
            !alias.isEmpty
            && alias.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_")
            }
        guard isWord else {
            problems.error(node.mark, "an alias has small letters, digits and _ only, not \"\(alias)\"")
            return nil
        }
        if let earlier = taken[alias] {
            problems.error(node.mark, "the alias \"\(alias)\" is taken at \(earlier.lineReference)")
        }
        taken[alias] = taken[alias] ?? node.mark
        return alias
    }

    private func units(_ map: inout YAMLReader) -> [Unit] {
        (map.texts("unit") ?? []).compactMap { text, mark in
            if let unit = Unit(text) { return unit }
            problems.error(mark, "unknown unit \"\(text)\"" + NearestWord.hint(text, in: Unit.all.map(\.symbol)))
            return nil
        }
    }

    private func range(_ map: inout YAMLReader) -> ClosedRange<ExactDecimal>? {
        guard let node = map.node("range"), !node.isNull, let texts = map.texts("range") else { return nil }
        let bounds = texts.compactMap { ExactDecimal($0.text) }
        guard bounds.count == 2, texts.count == 2, bounds[0] <= bounds[1] else {
            problems.error(node.mark, "\"range\" is [lowest, highest]")
            return nil
        }
        return bounds[0]...bounds[1]
    }

    private func codes(_ key: String, _ map: inout YAMLReader) -> [OBISCode] {
        (map.texts(key) ?? []).compactMap { text, mark in
            if let code = ProfileLoader.obis(text) { return code }
            problems.error(mark, "\"\(text)\" is no OBIS code")
            return nil
        }
    }

    /// `same reading`, or `2 intervals`.
    private func maxIntervals(_ map: inout YAMLReader) -> Int? {
        guard let node = map.node("max_age"), !node.isNull, let text = node.text("max_age", problems: problems) else {
            return nil
        }
        if text == "same reading" { return nil }
        let words = text.split(separator: " ")
        if words.count == 2, words[1].hasPrefix("interval"), let count = Int(words[0]), (1...100).contains(count) {
            return count
        }
        problems.error(node.mark, "\"max_age\" is \"same reading\" or a number of intervals, not \"\(text)\"")
        return nil
    }
}

extension YAMLNode {
    /// The text of a scalar, nil for anything else.
    var plainText: String? {
        if case .scalar(let text, _) = content { return text }
        return nil
    }
}

extension Array {
    /// The single element; nil for none and for several.
    fileprivate var only: Element? { count == 1 ? first : nil }
}
