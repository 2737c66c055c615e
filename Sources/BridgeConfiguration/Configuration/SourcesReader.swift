// SPDX-License-Identifier: Apache-2.0
package import Adapters
import Foundation
import Harmonizer
import Inputs
import MQTT
import PlugTest

/// A `sources:` entry with its input.
struct ConfiguredSource {
    var source: Source
    /// The QoS of its subscriptions.
    var qos: QoS
    /// The input; nil for a source that is read from the broker.
    var input: InputSettings?
    /// `about:`, for people.
    var about: About
    /// The message that its reader is sent regularly: `ask`.
    var question: Question?
}

/// Reads `sources:`. An adapter has default topic filters, so `adapter: gplug` alone is a source.
package struct SourcesReader {
    let problems: ProblemList
    let files: FileFinder
    /// The configuration's zone; nil for the host's.
    let zone: Zone?
    let zones: ZoneReader
    let environment: [String: String]
    /// The topics on which the bridge publishes.
    let topics: Topics?
    /// The scale rules for the known faults of readers, from the profile.
    let scales: [String: ScaleRule]
    /// Mappings and dictionaries in the folders beside the configuration.
    var own = OwnReaders()

    func read(_ node: YAMLNode?, at mark: SourceMark) -> [ConfiguredSource] {
        guard let node, !node.isNull, case .mapping(let members) = node.content, !members.isEmpty else {
            let example = "sources: {gplug: {adapter: gplug}}"
            if case .sequence = node?.content {
                problems.error(
                    node?.mark ?? mark,
                    "\"sources\" is a mapping of names to sources, not a list: a name of your own instead of each \"-\", "
                        + "for example \(example)")
            } else {
                problems.error(node?.mark ?? mark, "no sources: nothing would be read; write for example \(example)")
            }
            return []
        }
        let sources = members.compactMap { member in read(member).map { ($0, member.keyMark) } }
        for (position, (one, mark)) in sources.enumerated() {
            for (other, _) in sources[..<position] {
                let shared = one.source.filters.filter(other.source.filters.contains).map(\.filter)
                guard !shared.isEmpty else { continue }
                problems.warning(
                    mark,
                    "\(shared.joined(separator: ", ")) \(shared.count == 1 ? "is" : "are") read by the source "
                        + "\"\(other.source.name)\" already; write \"subscribe\" in one of them"
                )
            }
        }
        return sources.map(\.0)
    }

    private func read(_ member: YAMLNode.Member) -> ConfiguredSource? {
        var map = YAMLReader(member.value, what: "a source", at: member.keyMark, problems: problems)
        var options = AdapterOptions(
            labels: labels(&map), groups: (map.texts("groups") ?? []).map(\.text),
            crc: map.choice("crc", of: CRCPolicy.self) ?? .repair,
            keys: MeterKeysReader(problems: problems, files: files).read(&map), mapping: mapping(&map),
            candidates: own.labels)
        options.frameKeys = frameKeys(&map)
        options.lists = lists(&map)
        let adapter = adapter(&map, options: options)
        let input = TransportReader(problems: problems, files: files).read(&map, source: member.key)
        let isForeign = TransportReader.keys.contains { map.node($0) != nil }
        let filters =
            isForeign
            ? [input.flatMap { TopicPattern($0.topic) }].compactMap(\.self)
            : filters(&map, adapter: adapter, at: member.keyMark)
        let ownZone = map.node("zone").flatMap { zones.read($0) }
        // An invalid zone has been reported at its own place.
        let hasZone = map.node("zone") != nil || zone != nil
        let hostZone = hasZone ? nil : zones.host(environment, at: member.keyMark)
        let qos = map.number("qos", in: 0...1).flatMap { QoS(rawValue: UInt8($0)) } ?? .atLeastOnce
        let meter = map.member("meter")
        let meterID = map.text("meter")
        if let meter { MetersReader.check(id: meterID ?? "", at: meter.value.mark, problems) }
        let question = question(&map, filters: filters, isForeign: isForeign)
        let scale = scale(&map)
        let policies = FixPolicies.read(map.map("fixes", what: "fixes"))
        let about = PlugTestReader.about(map.map("about", what: "about"))
        map.finish(
            synonyms: [
                "topic": "subscribe", "topics": "subscribe", "filter": "subscribe", "type": "adapter", "id": "meter",
            ])
        guard let adapter else { return nil }
        checkTenants(filters, at: member.keyMark)
        if meterID != nil, !adapter.splitsReaders, map.node("subscribe") != nil,
            let filter = filters.first(where: { Self.tellsDevicesApart($0, adapter) })
        {
            problems.warning(
                meter?.keyMark ?? map.mark,
                "every device that \(filter.filter) matches becomes the meter \(meterID ?? "")")
        }
        var source = Source(
            name: member.key, adapter: adapter, filters: filters, zone: ownZone ?? zone ?? hostZone ?? .utc,
            isZoneOfHost: ownZone == nil && zone == nil, meter: meterID,
            meterPlace: meter?.keyMark.lineReference, policies: policies, scale: scale,
            place: member.keyMark.lineReference, format: "\(options)",
            vocabulary: vocabulary(of: options))
        source.origin = input?.transport.description
        return ConfiguredSource(source: source, qos: qos, input: input, about: about, question: question)
    }

    /// Reads `ask: {topic: R/c0619ab12345/keepalive, every: 30s}`. The bridge publishes only below the source's own
    /// filters.
    private func question(_ map: inout YAMLReader, filters: [TopicPattern], isForeign: Bool) -> Question? {
        guard let node = map.node("ask"), !node.isNull else { return nil }
        var ask = YAMLReader(node, what: "ask", at: node.mark, problems: problems)
        let topic = ask.text("topic")
        let mark = ask.node("topic")?.mark ?? node.mark
        let payload = ask.text("payload") ?? ""
        let every = ask.span("every") ?? .seconds(30)
        ask.finish(synonyms: ["message": "payload", "interval": "every"])
        guard let topic else {
            problems.error(node.mark, "\"ask\" needs a topic: {topic: R/c0619ab12345/keepalive, every: 30s}")
            return nil
        }
        if isForeign { problems.error(node.mark, "\"ask\" is for a source that is read from the broker") }
        if topic.contains("+") || topic.contains("#") || topic.isEmpty {
            problems.error(mark, "\"\(topic)\" is not a topic to publish on")
        } else if !isForeign, !filters.contains(where: { $0.captures(topic) != nil }) {
            problems.error(
                mark,
                "the bridge writes only below this source's own filters, and \(topic) is below none: add it to \"subscribe\""
            )
        }
        if !(.seconds(5) ... .hours(1)).contains(every) {
            problems.error(ask.node("every")?.mark ?? node.mark, "\"every\" is 5s to 1h")
        }
        return Question(topic: topic, payload: Array(payload.utf8), every: Duration(every))
    }

    /// True when the filter's wildcards can match several devices; a wildcard for field names matches one device.
    private static func tellsDevicesApart(_ filter: TopicPattern, _ adapter: any Adapter) -> Bool {
        guard filter.hasWildcards else { return false }
        let levels = filter.filter.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        func device(_ words: [Int: String]) -> String? {
            let topic = levels.enumerated().map { words[$0] ?? ($1 == "+" || $1 == "#" ? "one" : $1) }.joined(
                separator: "/")
            return filter.captures(topic).map { adapter.device(of: topic, captures: $0) }
        }
        let names = AdapterRegistry.fieldNames(of: adapter)
        return levels.indices.contains { index in
            guard levels[index] == "+" || levels[index] == "#", device([index: "one"]) != device([index: "two"]) else {
                return false
            }
            // With a wildcard for field names, two names belong to one device.
            var known: Set<String?> = []
            let words = levels[index] == "#" ? names : names.flatMap { $0.split(separator: "/").map(String.init) }
            return Set(words).allSatisfy { known.insert(device([index: $0])).inserted }
        }
    }

    /// The names of the labels, mapping, groups and lists, which define the meaning of a payload. `info` publishes
    /// them, so that a restarted bridge notices a change.
    private func vocabulary(of options: AdapterOptions) -> String {
        var words = [options.labels?.name ?? "", options.mapping?.name ?? "", options.groups.joined(separator: "/")]
        if let lists = options.lists { words.append(lists.map(\.name).joined(separator: "/")) }
        return words.joined(separator: " ")
    }

    /// Reads `keys`, the keys of meters by system title, and `authentication`.
    private func frameKeys(_ map: inout YAMLReader) -> FrameKeys {
        let authentication = map.choice("authentication", of: FrameKeys.Authentication.self)
        var keys = FrameKeys(authentication: authentication ?? .required)
        var titled = map.map("keys", what: "keys")
        for title in titled.keys {
            guard let member = titled.member(title) else { continue }
            let reader = MeterKeysReader(problems: problems, files: files)
            guard let found = reader.read(member) else { continue }
            if !keys.add(found, title: title.uppercased()) {
                problems.error(
                    member.keyMark,
                    "\"\(title)\" is not a system title (16 hexadecimal digits), or is one more than \(FrameKeys.most)")
            }
        }
        return keys
    }

    /// A shipped list by its name, or a file of lists.
    private func lists(_ map: inout YAMLReader) -> [PushList]? {
        guard let name = map.text("list"), let mark = map.node("list")?.mark else { return nil }
        return ListFinder(files: files).find(name) { problems.error($0 ?? mark, $1) }
    }

    private func adapter(_ map: inout YAMLReader, options: AdapterOptions) -> (any Adapter)? {
        guard let node = map.node("adapter") else {
            problems.error(
                map.mark, "a source needs \"adapter\": \(AdapterRegistry.all.map(\.name).joined(separator: ", "))")
            return nil
        }
        guard let name = node.text("adapter", problems: problems) else { return nil }
        if let adapter = own.adapter(name) ?? AdapterRegistry.make(name, options: options) { return adapter }
        problems.error(node.mark, Self.unknown(name, own: own))
        return nil
    }

    /// The error for an unknown adapter, with a suggestion.
    package static func unknown(_ name: String, own: OwnReaders = OwnReaders()) -> String {
        let names = AdapterRegistry.all.map(\.name) + own.mappings.map(\.name)
        let nearest = NearestWord.of(name, in: names).map { ", did you mean \"\($0)\"?" }
        return "unknown adapter \"\(name)\""
            + (nearest
                ?? "; obis-bridge discover reports which one reads yours, and adapter: json with a mapping of your own reads any JSON "
                + "(docs/sources/json.md)")
    }

    /// Reads `scale`: `auto`, names of known faults, or factors.
    private func scale(_ map: inout YAMLReader) -> ScaleRule {
        guard let node = map.node("scale"), !node.isNull else { return ScaleRule() }
        if case .mapping = node.content {
            var factors = map.map("scale", what: "scale")
            var rule = ScaleRule.read(&factors, besides: ["auto"])
            rule.isAutomatic = factors.flag("auto") ?? false
            factors.finish()
            return rule
        }
        var rule = ScaleRule()
        for (text, mark) in map.texts("scale") ?? [] {
            if text == "auto" {
                rule.isAutomatic = true
            } else if let known = scales[text] {
                rule = rule.merged(with: known)
            } else {
                let words = scales.keys + ["auto"]
                problems.error(mark, "unknown scale \"\(text)\"" + NearestWord.hint(text, in: words))
            }
        }
        rule.place = node.mark.lineReference
        return rule
    }

    /// A shipped dictionary by its name, else a file.
    private func labels(_ map: inout YAMLReader) -> LabelDictionary? {
        guard let name = map.text("labels"), let mark = map.node("labels")?.mark else { return nil }
        return own.labels.first { $0.name == name }
            ?? LabelsFinder(files: files).find(name) { problems.error($0 ?? mark, $1) }
    }

    /// The mapping of a `json` source: a shipped one by its name, else a file.
    private func mapping(_ map: inout YAMLReader) -> FieldMapping? {
        let name = map.text("mapping")
        guard AdapterRegistry.takesMapping(map.text("adapter")) else {
            if name != nil, let node = map.node("mapping") {
                problems.error(node.mark, "\"mapping\" belongs to the adapter json")
            }
            return nil
        }
        guard let name, let mark = map.node("mapping")?.mark else {
            problems.error(map.mark, "the adapter json needs \"mapping\": a file that says what the fields mean")
            return nil
        }
        return own.mappings.first { $0.name == name }
            ?? MappingFinder(files: files).find(name) { problems.error($0 ?? mark, $1) }
    }

    private func filters(_ map: inout YAMLReader, adapter: (any Adapter)?, at mark: SourceMark) -> [TopicPattern] {
        guard let texts = map.texts("subscribe") else {
            let filters = (adapter?.defaultFilters ?? []).compactMap { TopicPattern($0) }
            for filter in filters { check(filter, at: mark) }
            if let adapter, filters.isEmpty {
                problems.error(
                    mark, "readers of the adapter \(adapter.name) have no usual topic: name it with \"subscribe\"")
            }
            return filters
        }
        return texts.compactMap { text, mark in
            guard let filter = TopicPattern(text) else {
                problems.error(
                    mark,
                    "\"\(text)\" is not a topic filter: +, # and {tenant} stand alone between slashes, # at the end")
                return nil
            }
            check(filter, at: mark)
            return filter
        }
    }

    /// Checks that all topic filters name a tenant or none does: a device without a tenant could not be assigned to
    /// one.
    private func checkTenants(_ filters: [TopicPattern], at mark: SourceMark) {
        let count = filters.count { $0.tenant != nil }
        if count > 0, count < filters.count {
            problems.error(mark, "every topic filter of a source names {tenant}, or none does")
        } else if count == 0, topics?.hasTenants == true {
            problems.error(
                mark, "the profile's topics have {tenant}: name the level in \"subscribe\", {tenant}/tele/+/SENSOR")
        }
    }

    /// Checks that the filter does not match the bridge's own publications.
    private func check(_ filter: TopicPattern, at mark: SourceMark) {
        for (_, rule) in topics?.all ?? [] where rule.isEnabled {
            guard let output = rule.pattern, filter.overlaps(output) else { continue }
            problems.error(mark, "\(filter.filter) would feed the bridge its own output on \(output.filter)")
            return
        }
        if filter.shareGroup != nil {
            problems.warning(
                mark,
                "\(filter.filter) gives each message to one member of the group: a meter is whole only where the broker keeps a "
                    + "topic on one member, which mosquitto does not (docs/scaling.md)")
        }
    }
}
