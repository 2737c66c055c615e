// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `outputs:`. This version has the harmonised profile; the others of the documentation are accepted, with a warning, so
/// that one file serves several versions.
struct OutputsReader {
    let problems: ProblemList

    private static let later = ["home-assistant", "rl-dsp", "alias-topics", "homie-5", "senml", "template"]

    func read(_ node: YAMLNode?) {
        guard let node, !node.isNull else { return }
        let items: [YAMLNode]
        switch node.content {
        case .sequence(let sequence): items = sequence
        default: items = [node]
        }
        for item in items {
            switch item.content {
            case .scalar(let name, _): check(name, at: item.mark)
            case .mapping(let members): for member in members { check(member.key, at: member.keyMark) }
            case .sequence: problems.error(item.mark, "an output is a name, or a name with its settings")
            }
        }
    }

    private func check(_ name: String, at mark: SourceMark) {
        if name == "harmonized" { return }
        if Self.later.contains(name) {
            problems.warning(mark, "the output \"\(name)\" is not in this version and is left out")
        } else {
            problems.error(mark, "unknown output \"\(name)\"" + NearestWord.hint(name, in: ["harmonized"] + Self.later))
        }
    }
}
