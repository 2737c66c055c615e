// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Finds the dictionary of a device by the labels of one of its periodic messages.
struct LabelGuess {
    /// A label that needs a dictionary, with its value.
    struct Sample {
        var label: String
        var number: ExactDecimal?
        /// Digits after the decimal point, as written.
        var decimals: Int
    }

    /// The result of a guess.
    enum Outcome: Equatable {
        /// One dictionary knows the labels, or several that agree about them, of which this is the first.
        case unique(LabelDictionary, known: Int)
        /// Several dictionaries disagree, or none knows enough labels; those that know any of them.
        case ambiguous([LabelDictionary])
    }

    let samples: [Sample]
    let group: String

    /// - Parameter group: the group of the labels, `""` without a name, nil for labels at the top level.
    init(_ samples: [Sample], group: String?) {
        self.samples = samples
        self.group = group ?? ""
    }

    func best(of candidates: [LabelDictionary]) -> Outcome {
        let fitting = candidates.filter { fits($0) && known($0) > 0 }
        let most = fitting.map(known).max() ?? 0
        var best = fitting.filter { known($0) == most }
        // A label of its own identifies a script, whatever its user added; other scripts need nearly all of their
        // labels.
        let isNearly = samples.count - most <= max(1, samples.count / 4)
        let isSigned = best.allSatisfy { !$0.guess.present.isEmpty } && most * 3 >= samples.count
        guard most >= 2, isNearly || isSigned else { return .ambiguous(fitting) }
        // A script's usual group distinguishes scripts with the same labels: B1 in `z` and B1 without a group.
        let atHome = best.filter { $0.group == group }
        if !atHome.isEmpty { best = atHome }
        guard let first = best.first, best.allSatisfy({ agrees($0, first) }) else { return .ambiguous(best) }
        return .unique(first, known: most)
    }

    private func known(_ dictionary: LabelDictionary) -> Int {
        samples.count { dictionary.label($0.label, in: group) != nil }
    }

    private func agrees(_ one: LabelDictionary, _ other: LabelDictionary) -> Bool {
        samples.allSatisfy { one.label($0.label, in: group) == other.label($0.label, in: group) }
    }

    private func fits(_ dictionary: LabelDictionary) -> Bool {
        let guess = dictionary.guess
        return (guess.group == nil || guess.group == group)
            && guess.present.allSatisfy { label in samples.contains { $0.label == label } }
            && guess.absent.allSatisfy { label in !samples.contains { $0.label == label } }
            && !contradictsDecimals(dictionary) && !contradictsPhases(dictionary)
    }

    /// A power in kW has decimals, one in W at most two. Zero proves nothing.
    private func contradictsDecimals(_ dictionary: LabelDictionary) -> Bool {
        samples.contains { sample in
            guard let number = sample.number, !number.isZero,
                case .register(_, let unit?) = dictionary.label(sample.label, in: group),
                unit.dimension == .activePower,
                dictionary.exceptions[group]?[sample.label] == nil
            else { return false }
            return unit.powerOfTen == 3 ? sample.decimals == 0 : sample.decimals >= 3
        }
    }

    /// The power of the phases adds up to the total; a factor of 1000 between them shows that a unit is wrong. Other
    /// differences are normal: a meter may offset import and export between its phases.
    private func contradictsPhases(_ dictionary: LabelDictionary) -> Bool {
        for total: UInt8 in [1, 2] {
            guard let whole = power(OBISCode(1, 0, total, 7, 0), in: dictionary), !whole.isZero else { continue }
            let phases = [20, 40, 60].compactMap { power(OBISCode(1, 0, total + $0, 7, 0), in: dictionary) }
            guard phases.count == 3, let two = phases[0].adding(phases[1]), let sum = two.adding(phases[2]),
                !sum.isZero, let twice = sum.adding(sum)
            else { continue }
            for power in [-3, 3] {
                let scaled = whole.scaled(byPowerOfTen: power)
                if let double = scaled.adding(scaled), double >= sum, scaled <= twice { return true }
            }
        }
        return false
    }

    /// The register's value in W, as read with the dictionary.
    private func power(_ code: OBISCode, in dictionary: LabelDictionary) -> ExactDecimal? {
        for sample in samples {
            if let number = sample.number, case .register(code, let unit?) = dictionary.label(sample.label, in: group),
                unit.dimension == .activePower
            {
                return number.scaled(byPowerOfTen: unit.powerOfTen)
            }
        }
        return nil
    }
}
