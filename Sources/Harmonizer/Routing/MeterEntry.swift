// SPDX-License-Identifier: Apache-2.0

/// A `meters:` entry: several raw ids that are one meter, and its name.
public struct MeterEntry: Sendable, Equatable {
    /// The id under which it is published.
    public var id: String
    /// Its name for people; nil when it has none.
    public var name: String?
    /// The time zone of its clock, for times without offset; nil for the zone of its source.
    public var zone: Zone?
    /// The raw ids that mean it.
    public var rawIDs: Set<String>
    /// The maximum power of its connection, in W; nil for the profile's limit.
    public var maxPower: ExactDecimal?
    /// What its current transformers divide by: powers, currents and energies are this many times what the meter sends. 1: none.
    public var ct: ExactDecimal
    /// Whether its quarter-hour demand is computed; nil for the profile's choice.
    public var demand: DemandSettings?
    /// What it measures; nil where it is not configured.
    public var role: MeterRole?
    /// The names of its tariffs; nil for the profile's choice.
    public var tariffs: TariffNames.Choice?
    /// Where it is declared: `bridge.yaml:12`.
    public var place: String

    /// Makes an entry.
    public init(
        id: String, name: String?, rawIDs: Set<String>, zone: Zone? = nil, ct: ExactDecimal = ExactDecimal(1),
        maxPower: ExactDecimal? = nil, demand: DemandSettings? = nil, role: MeterRole? = nil,
        tariffs: TariffNames.Choice? = nil, place: String
    ) {
        self.demand = demand
        self.role = role
        self.tariffs = tariffs
        self.ct = ct
        self.maxPower = maxPower
        self.id = id
        self.name = name
        self.rawIDs = rawIDs
        self.zone = zone
        self.place = place
    }
}
