// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `meters:`, the table of ids that mean the same meter.
struct MetersReader {
    let problems: ProblemList
    let zones: ZoneReader

    func read(_ node: YAMLNode?) -> [MeterEntry] {
        guard let node, !node.isNull else { return [] }
        guard case .mapping(let members) = node.content else {
            problems.error(node.mark, "\"meters\" is a mapping of names to meters")
            return []
        }
        var owners: [String: String] = [:]
        return members.map { member in
            var map = YAMLReader(member.value, what: "a meter", at: member.keyMark, problems: problems)
            let name = map.text("name")
            let ids = map.texts("ids") ?? []
            let zone = map.node("zone").flatMap { zones.read($0) }
            if map.node("ct") != nil {
                problems.warning(map.node("ct")?.mark ?? map.mark, "\"ct\" has no effect in this version")
            }
            map.finish(synonyms: ["id": "ids", "serial": "ids"])
            for (id, mark) in ids {
                if let owner = owners[id] { problems.error(mark, "the id \(id) belongs to \"\(owner)\" already") }
                owners[id] = member.key
            }
            return MeterEntry(
                id: member.key, name: name, rawIDs: Set(ids.map(\.text)), zone: zone,
                place: member.keyMark.lineReference)
        }
    }
}
