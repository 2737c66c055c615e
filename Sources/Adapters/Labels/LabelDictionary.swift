// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The meaning of the labels of one Tasmota or gPlug script. The author of a script chooses the labels, which have no
/// unit, so the same label means different registers in different scripts: one dictionary per script, in YAML, without
/// Swift.
public struct LabelDictionary: Sendable, Equatable {
    /// The name in `labels:` and of its file: `gplug-d`.
    public var name: String
    /// A short description of the script and its meters.
    public var summary: String
    /// The meaning of each label.
    public var labels: [String: Label]
    /// Labels with another meaning in groups of these names: one meter's script differs from the others.
    public var exceptions: [String: [String: Label]] = [:]
    /// The JSON group that the script usually publishes under, `""` for none; nil when users choose it freely.
    public var group: String?
    /// The media of M-Bus channels with registers among the labels.
    public var submeters: [Int: Submeter.Medium]
    /// The conditions for guessing that a device runs this script.
    public var guess: Guess

    /// Creates a dictionary.
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

    /// The meaning of a label in a group; nil for an unknown label.
    public func label(_ label: String, in group: String?) -> Label? {
        group.flatMap { exceptions[$0]?[label] } ?? labels[label]
    }

    /// The meaning of one label.
    public enum Label: Sendable, Hashable {
        /// A register: its code and, for numbers, the unit that the script publishes it in.
        case register(OBISCode, unit: Unit?)
        /// The meter's id.
        case id
        /// The meter's id as ASCII in hexadecimal, as in 0-0:96.1.1 of a P1 telegram.
        case hexadecimalID
        /// The meter's clock, as a number or text YYMMDDhhmmss in local time.
        case clock
        /// Known, but not a register: not published, and without a warning.
        case ignored
    }

    /// The conditions for guessing the dictionary of a device, besides known labels.
    public struct Guess: Sendable, Equatable {
        /// The adapters that may guess it; empty: the source must name it.
        public var adapters: [String]
        /// The required group of the labels; nil for any.
        public var group: String?
        /// Labels that must exist.
        public var present: [String]
        /// Labels that must not exist.
        public var absent: [String]

        /// Creates conditions.
        public init(adapters: [String] = [], group: String? = nil, present: [String] = [], absent: [String] = []) {
            self.adapters = adapters
            self.group = group
            self.present = present
            self.absent = absent
        }
    }
}
