// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `meters:`, the table of meters with their ids, and `meters_file:`, the same table as a CSV file.
struct MetersReader {
    let problems: ProblemList
    let zones: ZoneReader
    /// The profile's tables of tariff names; nil when the profile could not be read.
    let tariffNames: [String: TariffNames]?

    /// - Parameter nodes: mappings of names to meters; a meter must be in only one of them.
    func read(_ nodes: [YAMLNode]) -> [MeterEntry] {
        var owners: [String: String] = [:]
        var places: [String: SourceMark] = [:]
        return nodes.flatMap { node -> [MeterEntry] in
            if node.isNull { return [] }
            guard case .mapping(let members) = node.content else {
                problems.error(node.mark, "\"meters\" is a mapping of names to meters")
                return []
            }
            return members.map { member in
                if let place = places.updateValue(member.keyMark, forKey: member.key) {
                    problems.error(
                        member.keyMark, "the meter \"\(member.key)\" is declared at \(place.lineReference) already")
                }
                return entry(member, &owners)
            }
        }
    }

    /// Checks a user's id: warns when its topic level differs from it.
    static func check(id: String, at mark: SourceMark, _ problems: ProblemList) {
        if id.allSatisfy(\.isWhitespace) {
            return problems.error(mark, "the id of a meter is empty; write a name such as house")
        }
        let level = MeterID.level(given: id)
        guard level != id else { return }
        let advice = MeterID.plain(id).map { "; write \($0), which stays as it is" } ?? ""
        problems.warning(
            mark, "the id \"\(id)\" has more than small letters, digits, - and _: it is published as \(level)\(advice)")
    }

    private func entry(_ member: YAMLNode.Member, _ owners: inout [String: String]) -> MeterEntry {
        Self.check(id: member.key, at: member.keyMark, problems)
        var map = YAMLReader(member.value, what: "a meter", at: member.keyMark, problems: problems)
        let name = map.text("name")
        let ids = map.texts("ids") ?? []
        let ct = map.factor("ct") ?? ExactDecimal(1)
        let maxPower = map.quantity("max_power", in: "W")
        let demand = DemandSettings.read(&map)
        let zone = map.node("zone").flatMap { zones.read($0) }
        let role = map.choice("role", of: MeterRole.self)
        let tariffs = TariffNames.choice(&map, of: tariffNames)
        map.finish(synonyms: ["id": "ids", "serial": "ids", "type": "role", "kind": "role", "tariff_names": "tariffs"])
        for (id, mark) in ids {
            if let owner = owners[id] { problems.error(mark, "the id \(id) belongs to \"\(owner)\" already") }
            owners[id] = member.key
        }
        return MeterEntry(
            id: member.key, name: name, rawIDs: Set(ids.map(\.text)), zone: zone, ct: ct, maxPower: maxPower,
            demand: demand, role: role, tariffs: tariffs,
            place: member.keyMark.lineReference)
    }
}
