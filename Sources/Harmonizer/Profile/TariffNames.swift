// SPDX-License-Identifier: Apache-2.0

/// The names of the tariffs in 0-0:96.14.0 in one country, or of one operator: `{1: day, 2: night}`.
///
/// Tariff 1 is the day in Belgium and the night in the Netherlands, so a name is known only when the configuration
/// names the table that applies.
public struct TariffNames: Sendable, Equatable {
    /// The alias of the name, which has no OBIS code.
    static let alias = "tariff_name"
    /// The register that shows the tariff in force.
    static let register = OBISCode(0, 0, 96, 14, 0)

    /// A tariff as a meter sends it, and its name.
    struct Entry: Sendable, Equatable {
        let tariff: String
        let name: String
    }

    /// The tariffs in the order of the table.
    let entries: [Entry]

    /// The name of a tariff as the meter sends it, `1`, `0001` or `T1`; nil for one that the table does not have.
    func name(of value: RegisterValue.Value) -> String? {
        let sent: String
        switch value {
        case .number(let number): sent = number.description
        case .text(let text): sent = text
        case .list: return nil
        }
        func find(_ tariff: some StringProtocol) -> String? {
            entries.first { $0.tariff.lowercased() == tariff.lowercased() }?.name
        }
        if let name = find(sent) { return name }
        let digits = sent.hasPrefix("T") || sent.hasPrefix("t") ? sent.dropFirst() : sent[...]
        guard !digits.isEmpty, digits.allSatisfy(\.isNumber) else { return nil }
        return find(digits.drop { $0 == "0" })
    }

    /// Each name once.
    var names: [String] {
        entries.reduce(into: []) { if !$0.contains($1.name) { $0.append($1.name) } }
    }

    /// Reads `tariff_names:`, the tables by their names.
    static func read(_ node: YAMLNode?, problems: ProblemList) -> [String: TariffNames] {
        guard let node, !node.isNull else { return [:] }
        guard case .mapping(let tables) = node.content else {
            problems.error(node.mark, "\"tariff_names\" is a mapping of countries or operators to names of tariffs")
            return [:]
        }
        var all: [String: TariffNames] = [:]
        for table in tables where !table.value.isNull {
            guard case .mapping(let members) = table.value.content else {
                problems.error(
                    table.value.mark, "\"\(table.key)\" is a mapping of tariffs to names: {1: day, 2: night}")
                continue
            }
            let entries = members.compactMap { member -> Entry? in
                guard !member.value.isNull, let name = member.value.text(member.key, problems: problems) else {
                    return nil
                }
                guard !name.isEmpty, name.utf8.allSatisfy(isWord) else {
                    problems.error(
                        member.value.mark,
                        "the name of a tariff has small letters, digits and _: off_peak, not \"\(name)\"")
                    return nil
                }
                return Entry(tariff: member.key, name: name)
            }
            all[table.key] = TariffNames(entries: entries)
        }
        return all
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Reads `tariffs:`, the table that applies, of a profile or of a meter; nil when it is absent, or names a table
    /// that does not exist.
    ///
    /// - Parameters:
    ///   - map: the mapping that contains `tariffs:`.
    ///   - tables: those of the profile; nil when it could not be read.
    package static func choice(_ map: inout YAMLReader, of tables: [String: TariffNames]?) -> Choice? {
        guard let node = map.node("tariffs"), !node.isNull, let word = node.text("tariffs", problems: map.problems)
        else {
            return nil
        }
        if ["off", "no", "false"].contains(word.lowercased()) { return Choice(table: nil) }
        guard let tables else { return nil }
        guard tables[word] == nil else { return Choice(table: word) }
        map.problems.error(
            node.mark,
            "no table \"\(word)\" of tariff names" + NearestWord.hint(word, in: tables.keys.sorted())
                + "; write one below \"tariff_names\" in the profile, or off")
        return nil
    }

    /// The table that applies.
    public struct Choice: Sendable, Equatable {
        /// Its name; nil: none.
        public var table: String?

        /// Makes a choice.
        public init(table: String?) { self.table = table }
    }
}
