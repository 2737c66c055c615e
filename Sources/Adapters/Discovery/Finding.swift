// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The result of discovery for one reader.
public struct Finding: Sendable {
    /// How certain a finding is.
    public enum Verdict: String, Sendable, Comparable {
        /// The format names its registers, or one label dictionary alone fits.
        case certain
        /// A dictionary was guessed, and does not contain every key; or many values have another form than this
        /// reader's.
        case likely
        /// Several dictionaries fit: values could be read in the wrong unit.
        case ambiguous = "AMBIGUOUS"

        /// Orders the more certain verdict first.
        public static func < (one: Verdict, other: Verdict) -> Bool { one.rank < other.rank }

        var rank: Int { [.certain, .likely, .ambiguous].firstIndex(of: self) ?? 0 }
    }

    /// The filters of the proposed source, the topic with the registers first.
    public var subscribe: [String]
    /// A name for the source.
    public var name: String
    /// The adapter that understands it.
    public var adapter: String
    /// The label dictionary; nil when the format needs none or none is certain.
    public var labels: String?
    /// True for the formats that need a dictionary.
    public var needsLabels: Bool
    /// How certain the finding is.
    public var verdict: Verdict
    /// The reasons for the verdict.
    public var reasons: [String]
    /// The meter's id as received, decoded; nil when no message carried one.
    public var id: String?
    /// True when the id is a placeholder that many meters share.
    public var isPlaceholder: Bool
    /// The newest time in a message, and when that message arrived.
    public var time: (sent: RawTime, received: Timestamp)?
    /// The newest observations, to compare with the meter's display.
    public var observations: [Observation]
    /// The source of the configuration that already reads it; nil for none.
    public var coveredBy: String?
    /// Numbers that the reader sends and the proposed source would not read.
    public var unread: [String] = []
    /// True for a reader that never sends the id of its meter, so that a person must give it a name.
    public var isNameless = false
    /// The topic levels before the reader's own, when its id is a topic level, which is unique behind one broker only;
    /// nil when a payload contains the id.
    var idPrefix: String?
    /// True when another reader, elsewhere, has the same id.
    public var sharesID = false
    /// A topic on which the reader must get a request every half minute, or it stops publishing; nil for most readers.
    public var ask: String?
    /// True when a person must name the meter, with `meter: NAME`.
    public var needsMeter: Bool { isPlaceholder || isNameless || sharesID }
    /// True when it reads an energy or a power.
    public var hasMain = true
    /// The findings before this one, by position, that look like the same meter.
    public var sameAs: [Int] = []

    /// True for two topics of one reader: the same adapter, the same id.
    func isSameReader(as other: Finding) -> Bool {
        adapter == other.adapter && !needsLabels && id != nil && !isPlaceholder && id == other.id
            && coveredBy == other.coveredBy && !isElsewhere(other)
    }

    /// True for two readers whose ids are topic levels behind different bridges or bases: `house1/watermeter/main`,
    /// `house2/watermeter/main`.
    func isElsewhere(_ other: Finding) -> Bool {
        guard let idPrefix, let place = other.idPrefix else { return false }
        return idPrefix != place
    }

    /// Merges a finding for another topic of the same reader.
    mutating func merge(_ other: Finding) {
        subscribe += other.subscribe.filter { !subscribe.contains($0) }.prefix(max(0, 8 - subscribe.count))
        let codes = Set(observations.map(\.obis))
        observations += other.observations.filter { !codes.contains($0.obis) }
        unread += other.unread.filter { !unread.contains($0) }
        hasMain = hasMain || other.hasMain
        verdict = hasMain ? min(verdict, other.verdict) : verdict
    }

    /// True when two readers show the same counters, except for the consumption between their messages: they read one
    /// meter.
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
            // A counter at zero proves nothing: every house without solar panels has one.
            if mine > ExactDecimal(1000) { agreeing += 1 }
        }
        return agreeing > 0
    }

    /// Half a kilowatt hour: more than a house consumes in the minute between two messages.
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
