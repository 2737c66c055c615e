// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension Trail {
    /// True when a counter or a power of the meter was read, the purpose of a reader.
    var hasMain: Bool { observations.contains { $0.obis.isMain } }
}

extension Observation {
    /// True for a power of 100 kW or an energy of a million kWh, more than any house has: a reader whose sensors were
    /// changed to W and Wh sends values a thousand times too large.
    var isImmense: Bool {
        guard obis.a == 1, case .number(let number) = value, let unit else { return false }
        if let power = Unit("kW").flatMap({ unit.powerOfTen(to: $0) }) {
            let size = number.scaled(byPowerOfTen: power)
            return size >= ExactDecimal(100) || size <= ExactDecimal(-100)
        }
        guard let power = Unit("kWh").flatMap({ unit.powerOfTen(to: $0) }) else { return false }
        return number.scaled(byPowerOfTen: power) >= ExactDecimal(1_000_000)
    }
}

extension OBISCode {
    /// True for energies and powers of electricity, with phases and tariffs, and for the counters of gas, water and
    /// heat.
    var isMain: Bool {
        switch (a, d) {
        case (1, 7), (1, 8): [1, 2, 9, 15, 16].contains((21...80).contains(c) ? (c - 1) % 20 + 1 : c)
        case (0, _): c == 24 && (1...4).contains(d)
        case (6...9, _): d < 4 && c > 0 && c < 96
        default: false
        }
    }
}

/// The reasons for a verdict about a reader, as sentences that a person can check at the meter.
struct Evidence {
    let trail: Trail

    /// How certain the format and the labels are.
    var verdict: Finding.Verdict {
        // Another reader may use the same topics, and write its values differently.
        guard trail.probe.adapter.needsLabels else {
            return trail.malformed > trail.readings / 4 || !trail.hasMain || immense != nil
                || trail.probe.mapping?.recognition?.doubt != nil
                ? .likely : .certain
        }
        if let labels = trail.labels { return labels.known == labels.of && immense == nil ? .certain : .likely }
        // Labels that are OBIS codes need no dictionary, but one such label does not prove that the others are codes
        // too.
        guard trail.candidates.isEmpty else { return .ambiguous }
        if !trail.unread.isEmpty { return .likely }
        return trail.largest > 1 ? .certain : hasCodes ? .likely : .ambiguous
    }

    /// True when the sizes of its values suggest another unit.
    var isImplausible: Bool { immense != nil }

    private var immense: Observation? { trail.observations.first(where: \.isImmense) ?? minute }

    /// A counter below 100 kWh with three decimals that is read as Wh: the reader's numbers are probably kWh.
    private var minute: Observation? {
        guard trail.probe.mapping != nil else { return nil }
        return trail.observations.first { observation in
            guard observation.obis.isCounter, observation.unit == Unit("Wh"),
                case .number(let number) = observation.value,
                number < ExactDecimal(100_000)
            else { return false }
            return number.description.split(separator: ".").dropFirst().first.map { $0.count >= 3 } ?? false
        }
    }

    private var hasCodes: Bool { trail.observations.allSatisfy { label($0).flatMap { OBISCode($0) } != nil } }

    var reasons: [String] {
        var reasons: [String] = []
        if trail.probe.adapter.needsLabels { reasons.append(labelReason) }
        if verdict == .likely, trail.malformed > 0 {
            reasons.append("\(trail.malformed) of \(trail.malformed + trail.readings) values cannot be read")
        }
        if let doubt = trail.probe.mapping?.recognition?.doubt { reasons.append(doubt) }
        if let immense, case .number(let number) = immense.value {
            let unit = immense.unit.map { " \($0)" } ?? ""
            reasons.append(
                "\(immense.obis) would be \(number)\(unit), \(immense.isImmense ? "more" : "less") than a house has: compare its unit with the reader's"
            )
        }
        if !trail.hasMain { reasons.append("it reads no energy and no power") }
        if let sum = powerReason { reasons.append(sum) }
        if let interval = trail.interval { reasons.append("every \((interval + .milliseconds(500)).seconds) s") }
        return reasons
    }

    private var labelReason: String {
        if let labels = trail.labels { return "\(labels.known) of \(labels.of) keys known" }
        if trail.largest > 1 {
            return trail.candidates.isEmpty
                ? "the labels are OBIS codes" : "the labels fit \(trail.candidates.joined(separator: " and "))"
        }
        let seen = trail.observations.prefix(4).compactMap(\.raw)
        return "only \(seen.joined(separator: ", ")) seen" + (units.map { " (\($0))" } ?? "")
    }

    /// The meaning of the first label in the scripts that this reader may run: `W in gplug-e-as3000, kW in gplug-d`.
    private var units: String? {
        guard let label = trail.observations.first.flatMap(label) else { return nil }
        var scripts: [(unit: String, names: [String])] = []
        for dictionary in LabelDictionary.shipped where dictionary.guess.adapters.contains(trail.probe.adapter.name) {
            guard case .register(_, let unit?) = dictionary.labels[label] else { continue }
            if let index = scripts.firstIndex(where: { $0.unit == unit.description }) {
                scripts[index].names.append(dictionary.name)
            } else {
                scripts.append((unit.description, [dictionary.name]))
            }
        }
        guard scripts.count > 1 else { return nil }
        return scripts.map { script in
            "\(script.unit) in \(script.names.prefix(3).joined(separator: ", "))\(script.names.count > 3 ? " …" : "")"
        }.joined(separator: "; ")
    }

    /// The power of the phases beside the total: agreement shows that the units are right.
    private var powerReason: String? {
        for total: UInt8 in [1, 2] {
            guard let whole = power(OBISCode(1, 0, total, 7, 0)), !whole.watts.isZero else { continue }
            let phases = [20, 40, 60].compactMap { power(OBISCode(1, 0, total + $0, 7, 0)) }
            guard phases.count == 3, let two = phases[0].watts.adding(phases[1].watts),
                let sum = two.adding(phases[2].watts), Self.agree(whole.watts, sum)
            else { continue }
            let names = phases.map(\.name).joined(separator: " + ")
            return "\(whole.name) is \(whole.unit) (\(whole.number) = \(names) = \(sum) W)"
        }
        return nil
    }

    private func power(_ code: OBISCode) -> (name: String, number: ExactDecimal, unit: Unit, watts: ExactDecimal)? {
        guard let observation = trail.observations.first(where: { $0.obis.canonical == code }),
            case .number(let number) = observation.value, let unit = observation.unit, unit.dimension == .activePower
        else { return nil }
        let name = trail.probe.adapter.needsLabels ? label(observation) : nil
        return (name ?? code.description, number, unit, number.scaled(byPowerOfTen: unit.powerOfTen))
    }

    /// The script's label for a register.
    private func label(_ observation: Observation) -> String? {
        observation.raw?.split(separator: "=").first.map(String.init)
    }

    /// True when both are equal within a twentieth, or a few watts of rounding.
    private static func agree(_ one: ExactDecimal, _ other: ExactDecimal) -> Bool {
        guard let difference = one.subtracting(other) else { return false }
        let distance = difference.magnitude
        let tenfold = distance.scaled(byPowerOfTen: 1)
        guard let twentyfold = tenfold.adding(tenfold) else { return false }
        return twentyfold <= max(one, other) || distance <= ExactDecimal(5)
    }
}
