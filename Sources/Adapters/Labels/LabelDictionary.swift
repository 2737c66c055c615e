// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// What the labels of one Tasmota or gPlug script mean. Labels are typed by the author of a script and carry no unit, so the
/// same label means different registers in different scripts: one dictionary per script, as YAML, no Swift.
public struct LabelDictionary: Sendable, Equatable {
    /// The name in `labels:`, which is its file's: `gplug-d`.
    public var name: String
    /// The script and the meters it is for, in a few words.
    public var summary: String
    /// What each label is.
    public var labels: [String: Label]
    /// Labels that mean something else in groups of these names: one meter's script differs from the others.
    public var exceptions: [String: [String: Label]] = [:]
    /// The JSON group that the script usually publishes under, `""` for none; nil when users choose it freely.
    public var group: String?
    /// The media of M-Bus channels whose registers are among the labels.
    public var submeters: [Int: Submeter.Medium]
    /// When a device may be guessed to run this script.
    public var guess: Guess

    /// Makes a dictionary.
    public init(
        name: String, summary: String = "", labels: [String: Label], group: String? = nil,
        submeters: [Int: Submeter.Medium] = [:], guess: Guess = Guess()
    ) {
        self.name = name
        self.summary = summary
        self.labels = labels
        self.group = group
        self.submeters = submeters
        self.guess = guess
    }

    /// What a label is in a group; nil for one that is in neither list.
    public func label(_ label: String, in group: String?) -> Label? {
        group.flatMap { exceptions[$0]?[label] } ?? labels[label]
    }

    /// The meaning of one label.
    public enum Label: Sendable, Hashable {
        /// A register: its code and, for numbers, the unit that the script publishes it in.
        case register(OBISCode, unit: Unit?)
        /// The meter's id.
        case id
        /// The meter's id as ASCII in hexadecimal, as 0-0:96.1.1 of a P1 telegram has it.
        case hexadecimalID
        /// The meter's clock, as the number or text YYMMDDhhmmss in local time.
        case clock
        /// Known, and no register: not published, and nobody is warned.
        case ignored
    }

    /// What must hold for a device to be guessed, beyond that its labels are known.
    public struct Guess: Sendable, Equatable {
        /// The adapters that may guess it; empty: it must be named.
        public var adapters: [String]
        /// The group that the labels must stand in; nil for any.
        public var group: String?
        /// Labels that must be there.
        public var present: [String]
        /// Labels that must not be there.
        public var absent: [String]

        /// Makes conditions.
        public init(adapters: [String] = [], group: String? = nil, present: [String] = [], absent: [String] = []) {
            self.adapters = adapters
            self.group = group
            self.present = present
            self.absent = absent
        }
    }
}
