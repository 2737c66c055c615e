// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `meters:`, the table of ids that mean the same meter, and `meters_file:`, the same as a CSV file.
struct MetersReader {
    let problems: ProblemList
    let zones: ZoneReader

    /// - Parameter nodes: mappings of names to meters; what is in one of them must not be in another.
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

    private func entry(_ member: YAMLNode.Member, _ owners: inout [String: String]) -> MeterEntry {
        var map = YAMLReader(member.value, what: "a meter", at: member.keyMark, problems: problems)
        let name = map.text("name")
        let ids = map.texts("ids") ?? []
        let ct = map.factor("ct") ?? ExactDecimal(1)
        let maxPower = map.quantity("max_power", in: "W")
        let zone = map.node("zone").flatMap { zones.read($0) }
        map.finish(synonyms: ["id": "ids", "serial": "ids"])
        for (id, mark) in ids {
            if let owner = owners[id] { problems.error(mark, "the id \(id) belongs to \"\(owner)\" already") }
            owners[id] = member.key
        }
        return MeterEntry(
            id: member.key, name: name, rawIDs: Set(ids.map(\.text)), zone: zone, ct: ct, maxPower: maxPower,
            place: member.keyMark.lineReference)
    }
}
