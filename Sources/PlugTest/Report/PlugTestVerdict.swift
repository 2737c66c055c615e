// SPDX-License-Identifier: Apache-2.0

/// The verdict of a row, and of a whole report.
package enum PlugTestVerdict: String, Codable, Sendable, CaseIterable {
    /// Everything expected came, and nothing had to be repaired.
    case pass
    /// Everything expected is there after repairs of something missing or wrong.
    case passWithRepairs = "pass with repairs"
    /// The run was too short to tell: shorter than twice the interval of a list of registers.
    case notObserved = "not observed"
    /// Everything that came is right, but something expected is missing.
    case incomplete
    /// Something is wrong.
    case fail

    /// The severity; the worst of several verdicts decides.
    var rank: Int {
        switch self {
        case .pass: 0
        case .passWithRepairs: 1
        case .notObserved: 2
        case .incomplete: 3
        case .fail: 4
        }
    }

    /// The worst of several verdicts; `notObserved` without any.
    static func worst(_ verdicts: some Sequence<PlugTestVerdict>) -> PlugTestVerdict {
        verdicts.max { $0.rank < $1.rank } ?? .notObserved
    }

    /// 0 pass, 1 incomplete or fail, 2 not observed.
    package var exitCode: Int32 {
        switch self {
        case .pass, .passWithRepairs: 0
        case .incomplete, .fail: 1
        case .notObserved: 2
        }
    }
}

/// The state of one expected register of a row.
package enum CellState: String, Codable, Sendable, CaseIterable {
    /// As the meter sent it; a unit or a channel may have been translated exactly.
    case asSent = "as sent"
    /// The bridge repaired it, or held a value until it was plausible.
    case repaired
    /// Computed from other registers.
    case derived
    /// It never came.
    case absent
    /// It came, but is not plausible.
    case wrong
    /// It did not come, but the run was too short to call it absent.
    case notObserved = "not observed"
}
