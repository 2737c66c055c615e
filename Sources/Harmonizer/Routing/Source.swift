// SPDX-License-Identifier: Apache-2.0

/// A `sources:` entry: which topics, which format, whose clock.
public struct Source: Sendable {
    /// Its name in `bridge.yaml`.
    public var name: String
    /// The vendor's format.
    public var adapter: any Adapter
    /// What it subscribes to, the main filter first.
    public var filters: [TopicPattern]
    /// Where its messages come from when it is not the broker: `udp 224.0.1.3:8266`; nil for MQTT.
    public var origin: String?
    /// Where the clocks of its devices stand.
    public var zone: Zone
    /// True when nobody configured `zone` and it is the host's.
    public var isZoneOfHost: Bool
    /// The meter id that the user pinned for it; nil to take what the payload says.
    public var meter: String?
    /// Where the user pinned it: `bridge.yaml:7`.
    public var meterPlace: String?
    /// Its `scale:`.
    public var scale: ScaleRule
    /// Its `fixes:`, where they differ from the profile's.
    public var policies: FixPolicies
    /// Where the source is declared: `bridge.yaml:4`; nil without a configuration file.
    public var place: String?
    /// What its adapter was made from: two sources with the same adapter and equal text read alike, and after a reload the
    /// decoders of one can go on for the other.
    public var format: String

    /// What the configuration says about the meaning of its payloads: the names of its labels, groups and mapping.
    public var vocabulary: String

    /// 16 hex digits over what makes numbers of its payloads: others after a reload or a restart mean that its counters may go on
    /// somewhere else.
    var reads: String { reads(vocabulary) }

    private func reads(_ vocabulary: String) -> String {
        var checksum = Checksum()
        for word in [adapter.name, vocabulary, scale.text] { checksum.combine(word.utf8) }
        return checksum.hex
    }

    /// True where it makes the numbers that it made when `reads` was `former`: the dictionary that was guessed then, and is named
    /// now, is the same one.
    func readsAlike(_ former: String, guessed: String?) -> Bool {
        if former == reads { return true }
        guard let guessed, vocabulary.hasPrefix(guessed + " ") else { return false }
        return former == reads(String(vocabulary.dropFirst(guessed.count)))
    }

    /// True when its topics name a tenant, with which the names of its devices begin.
    public var hasTenants: Bool { filters.contains { $0.tenant != nil } }

    /// Makes a source. Without `filters` it has those on which this vendor usually publishes.
    public init(
        name: String, adapter: any Adapter, filters: [TopicPattern]? = nil, zone: Zone, isZoneOfHost: Bool = false,
        meter: String? = nil, meterPlace: String? = nil, policies: FixPolicies = FixPolicies(),
        scale: ScaleRule = ScaleRule(), place: String? = nil, format: String = "",
        vocabulary: String = ""
    ) {
        self.vocabulary = vocabulary
        self.name = name
        self.adapter = adapter
        self.filters = filters ?? adapter.defaultFilters.compactMap { TopicPattern($0) }
        self.zone = zone
        self.isZoneOfHost = isZoneOfHost
        self.meter = meter
        self.meterPlace = meterPlace
        self.scale = scale
        self.policies = policies
        self.place = place
        self.format = format
    }
}

extension Origin {
    /// Where a message of a source came from; nil for a message that no source reads.
    init(_ message: RawMessage, source: Source?, arrival: Arrival) {
        self.init(message, source: source?.name ?? "", adapter: source?.adapter.name ?? "", arrival: arrival)
    }
}
