// SPDX-License-Identifier: Apache-2.0

/// A `sources:` entry: the topics, the format and the time zone of its devices.
public struct Source: Sendable {
    /// Its name in `bridge.yaml`.
    public var name: String
    /// The vendor's format.
    public var adapter: any Adapter
    /// The filters it subscribes to, the main filter first.
    public var filters: [TopicPattern]
    /// The origin of its messages when it is not the broker: `udp 224.0.1.3:8266`; nil for MQTT.
    public var origin: String?
    /// The time zone of its devices' clocks.
    public var zone: Zone
    /// True when `zone` is not configured and is the host's.
    public var isZoneOfHost: Bool
    /// The meter id that the user pinned for it; nil to take the id in the payload.
    public var meter: String?
    /// Where the user pinned it: `bridge.yaml:7`.
    public var meterPlace: String?
    /// Its `scale:`.
    public var scale: ScaleRule
    /// Its `fixes:`, where they differ from the profile's.
    public var policies: FixPolicies
    /// Where the source is declared: `bridge.yaml:4`; nil without a configuration file.
    public var place: String?
    /// The settings that its adapter was made from: two sources with the same adapter and equal text read alike, and
    /// after a reload the decoders of one can continue for the other.
    public var format: String

    /// The configured meaning of its payloads: the names of its labels, groups and mapping.
    public var vocabulary: String

    /// 16 hex digits over the settings that turn its payloads into numbers: other digits after a reload or a restart
    /// mean that its counters may continue at other values.
    var reads: String { reads(vocabulary) }

    private func reads(_ vocabulary: String) -> String {
        var checksum = Checksum()
        for word in [adapter.name, vocabulary, scale.text] { checksum.combine(word.utf8) }
        return checksum.hex
    }

    /// True where the source produces the same numbers as when `reads` was `former`; a dictionary that was guessed then
    /// and is configured now counts as the same.
    func readsAlike(_ former: String, guessed: String?) -> Bool {
        if former == reads { return true }
        guard let guessed, vocabulary.hasPrefix(guessed + " ") else { return false }
        return former == reads(String(vocabulary.dropFirst(guessed.count)))
    }

    /// True when its topics contain a tenant; the names of its devices then begin with the tenant.
    public var hasTenants: Bool { filters.contains { $0.tenant != nil } }

    /// Makes a source. Without `filters` it has the usual ones of this vendor.
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
