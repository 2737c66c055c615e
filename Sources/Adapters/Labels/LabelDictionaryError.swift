// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// All mistakes in a label dictionary, so that a person can fix them in one go.
public struct LabelDictionaryError: Error, Equatable, CustomStringConvertible {
    /// The mistakes sorted by position, at least one.
    public var faults: [ConfigurationProblem]

    /// A line for each mistake.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
