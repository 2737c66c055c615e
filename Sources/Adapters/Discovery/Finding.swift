// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// What discovery says about one reader.
public struct Finding: Sendable {
    /// How sure it is.
    public enum Verdict: String, Sendable, Comparable {
        /// The format names its registers, or one label dictionary alone fits.
        case certain
        /// A dictionary was guessed, and not every key is in it; or many values are not written as this reader writes them.
        case likely
        /// Several dictionaries fit: the values could be read in the wrong unit.
        case ambiguous = "AMBIGUOUS"

        /// The surer one first.
        public static func < (one: Verdict, other: Verdict) -> Bool { one.rank < other.rank }

        var rank: Int { [.certain, .likely, .ambiguous].firstIndex(of: self) ?? 0 }
    }

    /// What a source subscribes to, the topic of the registers first.
    public var subscribe: [String]
    /// A name for the source.
    public var name: String
    /// The adapter that understands it.
    public var adapter: String
    /// The label dictionary, nil where the format needs none or none is certain.
    public var labels: String?
    /// True for the formats that need a dictionary.
    public var needsLabels: Bool
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
    /// The source of the configuration that reads it already; nil for none.
    public var coveredBy: String?
    /// Numbers that it sends and the proposed source would not read.
    public var unread: [String] = []
    /// True for a reader that never says which meter it reads, so that a person has to.
    public var isNameless = false
    /// The levels before the reader's own where its id is a level of its topics, which is unique behind one broker only; nil where a
    /// payload has the id.
    var idPrefix: String?
    /// True when another reader, elsewhere, has the same id.
    public var sharesID = false
    /// A topic on which it wants to be asked every half minute, or it falls silent; nil for most readers.
    public var ask: String?
    /// True when a person has to say which meter it is, with `meter: NAME`.
    public var needsMeter: Bool { isPlaceholder || isNameless || sharesID }
    /// True when an energy or a power is among what it reads.
    public var hasMain = true
    /// The findings before this one, by position, that look like the same meter.
    public var sameAs: [Int] = []

    /// True for two places of one reader: the same adapter, the same id.
    func isSameReader(as other: Finding) -> Bool {
        adapter == other.adapter && !needsLabels && id != nil && !isPlaceholder && id == other.id
            && coveredBy == other.coveredBy && !isElsewhere(other)
    }

    /// True for two readers that have their ids from topics behind different bridges or bases: `house1/watermeter/main`,
    /// `house2/watermeter/main`.
    func isElsewhere(_ other: Finding) -> Bool {
        guard let idPrefix, let place = other.idPrefix else { return false }
        return idPrefix != place
    }

    /// Takes in another place of the same reader.
    mutating func merge(_ other: Finding) {
        subscribe += other.subscribe.filter { !subscribe.contains($0) }.prefix(max(0, 8 - subscribe.count))
        let codes = Set(observations.map(\.obis))
        observations += other.observations.filter { !codes.contains($0.obis) }
        unread += other.unread.filter { !unread.contains($0) }
        hasMain = hasMain || other.hasMain
        verdict = hasMain ? min(verdict, other.verdict) : verdict
    }

    /// Two readers of one meter show the same counters, but for what was consumed between their messages.
    func isLikely(sameMeterAs other: Finding) -> Bool {
        if let id, let otherID = other.id, !isPlaceholder, !other.isPlaceholder, !isElsewhere(other) || id != otherID {
            return id == otherID
        }
        var agreeing = 0
        for (code, mine) in counters {
            guard let theirs = other.counters[code] else { continue }
            guard let difference = mine.subtracting(theirs), difference.magnitude <= Self.tolerance else {
                return false
            }
            // A counter at nought is every house's without panels.
            if mine > ExactDecimal(1000) { agreeing += 1 }
        }
        return agreeing > 0
    }

    /// Half a kilowatt hour: what a house takes in the minute between two messages.
    private static let tolerance = ExactDecimal(500)

    /// Active energies in Wh.
    private var counters: [OBISCode: ExactDecimal] {
        var counters: [OBISCode: ExactDecimal] = [:]
        for observation in observations {
            guard observation.obis.isCounter, case .number(let number) = observation.value,
                let unit = observation.unit, unit.dimension == .activeEnergy
            else { continue }
            counters[observation.obis.canonical] = number.scaled(byPowerOfTen: unit.powerOfTen)
        }
        return counters
    }
}
