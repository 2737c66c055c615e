// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `limits:`, the bounds on what senders can use.
struct LimitsReader {
    let problems: ProblemList

    func read(_ node: YAMLNode?, at mark: SourceMark) -> Limits {
        var limits = Limits()
        var map = YAMLReader(node, what: "limits", at: mark, problems: problems)
        limits.payload = map.number("payload", in: 1024...1_048_576) ?? limits.payload
        limits.jsonDepth = map.number("json_depth", in: 4...64) ?? limits.jsonDepth
        limits.jsonMembers = map.number("json_members", in: 100...100_000) ?? limits.jsonMembers
        limits.registers = map.number("registers", in: 10...10_000) ?? limits.registers
        limits.meters = map.number("meters", in: 1...1_000_000) ?? limits.meters
        // Every meter comes from a device of a reader, so there are at least as many devices.
        limits.devices = map.number("devices", in: 1...2_000_000) ?? max(limits.devices, 2 * limits.meters)
        limits.openGroups = map.number("open_groups", in: 1...100_000) ?? limits.openGroups
        limits.topicLength = map.number("topic_length", in: 32...65_535) ?? limits.topicLength
        map.finish(synonyms: ["payload_size": "payload", "depth": "json_depth", "topic": "topic_length"])
        return limits
    }
}
