// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Inputs

extension Configuration {
    /// The differences from the old configuration, for the log: `source cellar added, source gplug changed, profile
    /// changed`.
    package func changes(since old: Configuration) -> String {
        var words = Self.changes("source", old.sources, sources, named: \.name) { one, other in
            one.readsLike(other) && old.input(of: one.name) == input(of: other.name)
        }
        words += Self.changes("meter", old.meters, meters, named: \.id) { one, other in
            var moved = one
            moved.place = other.place
            return moved == other
        }
        func note(_ name: String, _ isSame: Bool) { if !isSame { words.append("\(name) changed") } }
        note("ask", questions == old.questions)
        note("profile", profile.hash == old.profile.hash)
        note(
            "outputs",
            outputs.names == old.outputs.names && outputs.filters.map(\.filter) == old.outputs.filters.map(\.filter)
                && outputs.includesHarmonized == old.outputs.includesHarmonized)
        note("broker", input.settings == old.input.settings)
        note("output_broker", output.settings == old.output.settings)
        note("bridge", bridge == old.bridge)
        note("http", http == old.http)
        note("history", history == old.history)
        note("influx", influx == old.influx)
        note("limits", limits == old.limits)
        return words.isEmpty ? "nothing that is in force changed" : words.joined(separator: ", ")
    }

    private func input(of source: String) -> InputSettings? { inputs.first { $0.source == source } }

    private static func changes<Entry>(
        _ what: String, _ old: [Entry], _ new: [Entry], named name: KeyPath<Entry, String>,
        isSame: (Entry, Entry) -> Bool
    ) -> [String] {
        let before = Dictionary(old.map { ($0[keyPath: name], $0) }) { first, _ in first }
        let after = Set(new.map { $0[keyPath: name] })
        let changed = new.compactMap { entry -> String? in
            let name = entry[keyPath: name]
            guard let former = before[name] else { return "\(what) \(name) added" }
            return isSame(former, entry) ? nil : "\(what) \(name) changed"
        }
        let removed = old.map { $0[keyPath: name] }.filter { !after.contains($0) }.map { "\(what) \($0) removed" }
        let all = changed + removed
        // A table of meters may have thousands of changes.
        return all.count > 10 ? all.prefix(10) + ["and \(all.count - 10) more \(what)s"] : all
    }
}

extension Source {
    /// True when both sources read alike, whatever their places in the files.
    fileprivate func readsLike(_ other: Source) -> Bool {
        var moved = scale
        moved.place = other.scale.place
        return adapter.name == other.adapter.name && filters.map(\.filter) == other.filters.map(\.filter)
            && zone.identifier == other.zone.identifier && meter == other.meter && origin == other.origin
            && format == other.format && policies == other.policies && moved == other.scale
    }
}
