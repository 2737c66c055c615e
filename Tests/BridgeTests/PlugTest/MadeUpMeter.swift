// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// A household's meter that a test makes up: what it measures at any second, in whole numbers, the same every time.
struct MadeUpMeter {
    /// Watt-hours at the start.
    var imported: Int
    var exported = 0
    /// Watts that are always there.
    var base: Int
    /// Watts of what is switched on in every other three minutes.
    var heater = 1200

    /// Watts in a second of the run.
    func load(_ second: Int) -> Int { base + ((second / 180) % 2 == 1 ? heater : 0) + (second * 7919) % 23 }

    /// Watt-hours until a second of the run.
    func energy(_ second: Int) -> Int {
        imported + (0..<max(0, second)).reduce(0) { $0 + load($1) } / 3600
    }

    /// Tenths of a volt of a phase, 1 to 3.
    func voltage(_ phase: Int, _ second: Int) -> Int { 2310 + phase * 4 + (second * 31 + phase * 7) % 17 }

    /// Hundredths of an ampere of a phase: half of the load is on the first.
    func current(_ phase: Int, _ second: Int) -> Int {
        let share = phase == 1 ? 2 : 4
        return load(second) * 105 * 10 / voltage(phase, second) / share
    }
}

/// `12.345` from 12345 thousandths.
func decimal(_ number: Int, _ digits: Int) -> String {
    var power = 1
    for _ in 0..<digits { power *= 10 }
    let fraction = "\(abs(number) % power)"
    let zeros = String(repeating: "0", count: digits - fraction.utf8.count)
    return "\(number < 0 ? "-" : "")\(abs(number) / power)" + (digits > 0 ? ".\(zeros)\(fraction)" : "")
}
