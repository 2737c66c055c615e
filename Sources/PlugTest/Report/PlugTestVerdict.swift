// SPDX-License-Identifier: Apache-2.0

/// The word at the end of a row, and of a whole report.
package enum PlugTestVerdict: String, Codable, Sendable, CaseIterable {
    /// Everything that is expected came, and nothing had to be mended.
    case pass
    /// Everything that is expected is there after something missing or wrong was put right.
    case passWithRepairs = "pass with repairs"
    /// The run was too short to tell: shorter than twice the interval of a list of registers.
    case notObserved = "not observed"
    /// What came is right as far as it goes, but something that is expected is missing.
    case incomplete
    /// Something is wrong.
    case fail

    /// How bad it is; the worst of several decides.
    var rank: Int {
        switch self {
        case .pass: 0
        case .passWithRepairs: 1
        case .notObserved: 2
        case .incomplete: 3
        case .fail: 4
        }
    }

    /// The worst of several; without any, nothing was observed.
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

/// How one expected register of a row came.
package enum CellState: String, Codable, Sendable, CaseIterable {
    /// As the meter sent it; a unit or a channel may have been translated exactly.
    case asSent = "as sent"
    /// Something about it was put right, or a value of it held back until it was believable.
    case repaired
    /// Computed from other registers.
    case derived
    /// It never came.
    case absent
    /// It came, and is not to be believed.
    case wrong
    /// It did not come, and the run was too short to miss it.
    case notObserved = "not observed"
}
