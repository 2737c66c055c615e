// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Everything that is wrong with a label dictionary, so that it can be mended in one go.
public struct LabelDictionaryError: Error, Equatable, CustomStringConvertible {
    /// The mistakes by place, at least one.
    public var faults: [ConfigurationProblem]

    /// A line for each mistake.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
