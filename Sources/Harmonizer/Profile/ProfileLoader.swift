// SPDX-License-Identifier: Apache-2.0
internal import ShippedFiles

/// Turns YAML into a checked profile.
package struct ProfileLoader {
    private let problems: ProblemList

    /// Finds the file of a name in `extends`: a shipped profile's name or a path; nil when there is none.
    package typealias Resolver = (_ name: String, _ mark: SourceMark) -> YAMLNode?

    /// Makes a loader that reports to `problems`.
    package init(problems: ProblemList) { self.problems = problems }

    /// A shipped profile as YAML, each value with its place; nil for a name that no shipped profile has.
    package static func shipped(_ name: String, problems: ProblemList) -> YAMLNode? {
        shipped[name]
    }

    /// The names of the shipped profiles.
    package static let shippedNames = ShippedProfiles.files.map(\.name)

    /// The error message for a name that is neither a shipped profile nor a file.
    package static func missing(_ name: String) -> String {
        name.contains { "./\\".contains($0) }
            ? "cannot read the profile \"\(name)\""
            : "no profile \"\(name)\"" + NearestWord.hint(name, in: shippedNames)
    }

    /// Parsed once: a parse takes longer than everything else that a small configuration needs.
    private static let shipped: [String: YAMLNode] = {
        let roots = ShippedProfiles.files.map { name, yaml in
            let text = String(decoding: yaml, as: UTF8.self)
            return YAMLLoader.load(text, file: "\(name).yaml", problems: ProblemList()).map { (name, $0) }
        }
        return Dictionary(uniqueKeysWithValues: roots.compactMap(\.self))
    }()

    /// Merges a profile with what it extends and checks the result; nil when it cannot be used.
    package func load(_ root: YAMLNode, resolve: Resolver) -> Profile? {
        let before = problems.problems.count
        guard let merged = merge(root, resolve: resolve, depth: 0) else { return nil }
        let profile = read(merged)
        return problems.problems[before...].contains { !$0.isWarning } ? nil : profile
    }

    // MARK: - Merging

    /// The profile merged with what it extends, as YAML: each value keeps the place that it comes from; nil when it
    /// cannot be merged.
    package func merged(_ root: YAMLNode, resolve: Resolver) -> YAMLNode? { merge(root, resolve: resolve, depth: 0) }

    private func merge(_ node: YAMLNode, resolve: Resolver, depth: Int) -> YAMLNode? {
        let own = withCanonicalKeys(node)
        let base = node["extends"]
        let name = base?.text("extends", problems: problems) ?? "harmonized"
        if base == nil, node["name"]?.plainText == "harmonized" { return own }  // the root of all
        guard depth < 8 else {
            problems.error(base?.mark ?? node.mark, "profiles extend each other in a circle")
            return nil
        }
        let mark = base?.mark ?? node.mark
        let before = problems.problems.count
        guard let parent = resolve(name, mark) else {
            // A file that exists but is not YAML has been reported at its own place.
            if problems.problems.count == before {
                problems.error(mark, Self.missing(name))
            }
            // The rest is checked against the shipped profile, so that every mistake is reported at once; loading fails
            // all the same.
            return Self.shipped["harmonized"]?.merged(with: own)
        }
        guard let merged = merge(parent, resolve: resolve, depth: depth + 1) else { return nil }
        return Self.withoutWays(merged, replacedBy: own).merged(with: own)
    }

    /// Removes the inherited way of computing each register for which the user's file has one: a way is replaced as a
    /// whole, so that `add:` alone does not keep what the shipped way subtracts.
    private static func withoutWays(_ node: YAMLNode, replacedBy own: YAMLNode) -> YAMLNode {
        guard case .mapping(let changes)? = own["derived"]?.content, case .mapping(var members) = node.content,
            let index = members.firstIndex(where: { $0.key == "derived" }),
            case .mapping(var registers) = members[index].value.content
        else { return node }
        for change in changes
        where RegisterReader.ways.contains(where: { change.value[$0].map { !$0.isNull } ?? false }) {
            guard let position = registers.firstIndex(where: { $0.key == change.key }),
                case .mapping(let rule) = registers[position].value.content
            else { continue }
            registers[position].value.content = .mapping(rule.filter { !RegisterReader.ways.contains($0.key) })
        }
        members[index].value.content = .mapping(registers)
        return YAMLNode(.mapping(members), at: node.mark)
    }

    /// The file with every OBIS key in one spelling, so that `1.8.1` in a user's file meets `1-0:1.8.1` of the shipped
    /// one.
    private func withCanonicalKeys(_ node: YAMLNode) -> YAMLNode {
        guard case .mapping(var members) = node.content else { return node }
        members.removeAll { $0.key == "extends" }
        for index in members.indices where ["registers", "derived"].contains(members[index].key) {
            guard case .mapping(var registers) = members[index].value.content else { continue }
            var first: [String: SourceMark] = [:]
            for position in registers.indices {
                let member = registers[position]
                guard let obis = Self.obis(member.key) else {
                    problems.error(member.keyMark, "\"\(member.key)\" is no OBIS code; write it as 1-0:1.8.0")
                    continue
                }
                let key = Self.key(obis)
                if let earlier = first[key] {
                    problems.error(member.keyMark, "\(key) is listed twice, first at \(earlier.lineReference)")
                }
                first[key] = first[key] ?? member.keyMark
                registers[position].key = key
            }
            members[index].value.content = .mapping(registers)
        }
        return YAMLNode(.mapping(members), at: node.mark)
    }

    /// A code as a profile writes it: in any spelling, and `0-n:24.2.1` for the M-Bus channels.
    static func obis(_ key: String) -> OBISCode? {
        if key.hasPrefix("0-n:") {
            guard let code = OBISCode("0-1:" + key.dropFirst(4)) else { return nil }
            return OBISCode(0, Profile.anyChannel, code.c, code.d, code.e)
        }
        return OBISCode(key)?.canonical
    }

    private static func key(_ obis: OBISCode) -> String {
        obis.b == Profile.anyChannel && obis.a == 0 ? "0-n:\(obis.c).\(obis.d).\(obis.e)" : obis.description
    }

    // MARK: - Reading

    private func read(_ node: YAMLNode) -> Profile? {
        var file = YAMLReader(node, what: "a profile", at: node.mark, problems: problems)
        _ = file.node("extends")  // removed by merging, but a valid key
        let name = file.text("name") ?? "unnamed"
        _ = file.number("version", in: 1...1)
        let schema = file.text("schema") ?? "harmonized/1.0"
        let topics = TopicsReader(problems: problems).read(file.map("topics", what: "topics"))
        let keepsRaw = file.choice("provenance", of: Provenance.self) == .full
        let policies = FixPolicies.read(file.map("fixes", what: "fixes"))
        let time = TimeLimits(file.map("time", what: "time"), problems: problems)
        let placeholders = Set((file.texts("placeholders") ?? []).map { $0.text.lowercased() })
        let groups = groups(file.map("groups", what: "groups"))
        let guards = GuardsReader().read(file.map("guards", what: "guards"))
        let demand = DemandSettings.read(&file) ?? .off
        let tariffNames = TariffNames.read(file.node("tariff_names"), problems: problems)
        let tariffs = TariffNames.choice(&file, of: tariffNames)?.table
        let sentinels = Sentinels.read("sentinels", &file)
        let scales = scales(file.node("scales"))
        let registerReader = RegisterReader(problems: problems)
        let registers = registerReader.registers(file.node("registers"))
        let derived = registerReader.derived(file.node("derived"))
        file.finish()
        return Profile(
            name: name, schema: schema, topics: topics, registers: registers, derived: derived, policies: policies,
            placeholders: placeholders, time: time, groups: groups, guards: guards, demand: demand,
            tariffNames: tariffNames, tariffs: tariffs, sentinels: sentinels,
            scales: scales, keepsRaw: keepsRaw,
            hash: Checksum.hex(of: node.text.utf8), source: node)
    }

    private enum Provenance: String, CaseIterable { case fixes, full }

    private func scales(_ node: YAMLNode?) -> [String: ScaleRule] {
        guard case .mapping(let members)? = node?.content else { return [:] }
        var scales: [String: ScaleRule] = [:]
        for member in members {
            var map = YAMLReader(member.value, what: "a scale", at: member.keyMark, problems: problems)
            _ = map.text("description")
            scales[member.key] = ScaleRule.read(&map, besides: ["description"])
            map.finish()
        }
        return scales
    }

    private func groups(_ map: YAMLReader) -> GroupSettings {
        var map = map
        let groups = GroupSettings(
            quiet: map.span("quiet") ?? .milliseconds(500), limit: map.span("limit") ?? .seconds(2),
            identity: map.span("identity") ?? .seconds(2))
        map.finish()
        return groups
    }
}
