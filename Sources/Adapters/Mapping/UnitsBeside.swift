// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Units in a JSON beside its numbers: `{"cumulative":25.2,"units":"kWh"}`, `{"volume":5.1,"volume_unit":"ft3"}`.
struct UnitsBeside {
    private let index: FieldIndex
    private let root: JSONValue
    /// The units by object: the path before the last level of a pointer.
    private var found: [String: [(key: String, unit: Unit)]] = [:]

    init(_ index: FieldIndex, in root: JSONValue) {
        self.index = index
        self.root = root
    }

    /// The unit of the number at a pointer; nil when there is none. A unit for all numbers of an object is used only
    /// when the mapping reads a single one of them.
    mutating func unit(of pointer: JSONPointer) -> Unit? {
        guard let place = pointer.place else { return nil }
        let units: [(key: String, unit: Unit)]
        if let known = found[place.object] {
            units = known
        } else {
            units = self.units(in: place.object)
            found[place.object] = units
        }
        guard !units.isEmpty else { return nil }
        let key = place.key
        let own = ["\(key)units", "\(key)unit", "\(key)_unit", "\(key)_units", "\(key)Unit", "\(key)Units"]
        if let unit = units.first(where: { own.contains($0.key) }) { return unit.unit }
        guard index.isAlone(in: place.object) else { return nil }
        return units.first { $0.key == "unit" || $0.key == "units" }?.unit
    }

    private func units(in place: String) -> [(key: String, unit: Unit)] {
        guard let object = place.isEmpty ? root : JSONPointer(place)?.value(in: root), object.kind == .object else {
            return []
        }
        var units: [(key: String, unit: Unit)] = []
        for member in object.members where member.value.kind == .string && Self.isUnit(member.key.string) {
            guard let unit = SentUnit.unit(member.value.literal.string) else { continue }
            units.append((member.key.string, unit))
        }
        return units
    }

    private static func isUnit(_ key: String) -> Bool {
        ["unit", "units", "Unit", "Units"].contains { key.hasSuffix($0) }
    }
}
