// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// What discovery says about one candidate.
public struct Finding: Sendable, Equatable {
    /// How sure it is.
    public enum Verdict: String, Sendable {
        /// The format names its registers, or one label dictionary alone fits.
        case certain
        /// A dictionary was guessed, and not every key is in it.
        case likely
        /// Several dictionaries fit: the values could be read in the wrong unit.
        case ambiguous = "AMBIGUOUS"
    }

    /// What a source subscribes to.
    public var subscribe: String
    /// A name for the source.
    public var name: String
    /// The adapter that understands it.
    public var adapter: String
    /// The label dictionary, nil where the format needs none or none is certain.
    public var labels: String?
    /// How sure it is.
    public var verdict: Verdict
    /// Why.
    public var reasons: [String]
    /// The meter's id as received, decoded; nil when no message carried one.
    public var id: String?
    /// True when the id is a filler that many meters share.
    public var isPlaceholder: Bool
    /// The newest time that a message carried, and when that message came.
    public var time: (sent: RawTime, received: Timestamp)?
    /// The newest observations, to compare with the meter's display.
    public var observations: [Observation]

    /// Equal but for the age of the time.
    public static func == (one: Finding, other: Finding) -> Bool {
        one.subscribe == other.subscribe && one.adapter == other.adapter && one.labels == other.labels
            && one.verdict == other.verdict && one.id == other.id && one.observations == other.observations
    }
}
