// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// What the labels of one Tasmota or gPlug script mean. Labels are typed by the author of a script and carry no unit, so the
/// same label means different registers in different scripts: one dictionary per script, as YAML, no Swift.
public struct LabelDictionary: Sendable, Equatable {
    /// The name in `labels:`, which is its file's: `gplug-d`.
    public var name: String
    /// What each label is.
    public var labels: [String: Label]

    /// Makes a dictionary.
    public init(name: String, labels: [String: Label]) {
        self.name = name
        self.labels = labels
    }

    /// The meaning of one label.
    public enum Label: Sendable, Equatable {
        /// A register: its code and, for numbers, the unit that the script publishes it in.
        case register(OBISCode, unit: Unit?)
        /// The meter's id.
        case id
        /// The meter's clock, as the number or text YYMMDDhhmmss in local time.
        case clock
        /// Known, and no register: not published, and nobody is warned.
        case ignored
    }
}
