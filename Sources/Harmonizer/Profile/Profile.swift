// SPDX-License-Identifier: Apache-2.0

/// What is published, where, and under which names: `harmonized.yaml` with the user's changes, checked.
public struct Profile: Sendable {
    /// The profile's name, in `bridge/…/info`.
    public var name: String
    /// `schema` in every payload.
    public var schema: String
    /// The topics of each kind of publication.
    public var topics: Topics
    /// The registers it knows, by canonical code; M-Bus registers under channel `anyChannel`.
    public var registers: [OBISCode: RegisterDeclaration]
    /// Registers that are computed from others.
    public var derived: [DerivedRegister]
    /// What happens for each rule, unless a source decides otherwise: `PipelineSetup.policies` has both merged.
    public var policies: FixPolicies
    /// Placeholder ids, in lower case.
    public var placeholders: Set<String>
    /// Which times are believed.
    public var time: TimeLimits
    /// How telegrams in several messages are closed.
    public var groups: GroupSettings
    /// When a counter is not believed.
    public var guards: GuardSettings
    /// Whether the quarter-hour demand is computed, unless `meters:` decides otherwise.
    public var demand: DemandSettings
    /// The names of tariffs, by country or operator.
    public var tariffNames: [String: TariffNames]
    /// Which of these tables applies, unless `meters:` decides otherwise; nil: none.
    public var tariffs: String?
    /// Numbers that mean "no value" in any register.
    public var sentinels: Sentinels
    /// Known faults of readers, by name.
    public var scales: [String: ScaleRule]
    /// True when each register carries its text as received.
    public var keepsRaw: Bool
    /// 16 hex digits over the merged text: two bridges with equal hashes publish alike.
    public var hash: String
    /// The merged file, each value with its place, for `check --print-profile`.
    package var source: YAMLNode

    /// The channel under which a profile's `0-n:…` registers are kept.
    public static let anyChannel: UInt8 = 255
    /// The channels that `0-n` stands for: four on a P1 port, further ones of readers with several devices of a kind.
    static let channels: ClosedRange<UInt8> = 1...64

    /// The register of that code; nil when the profile does not know it.
    public func register(_ obis: OBISCode) -> RegisterDeclaration? {
        if let register = registers[obis] { return register }
        guard obis.a == 0, Self.channels.contains(obis.b) else { return nil }
        return registers[OBISCode(0, Self.anyChannel, obis.c, obis.d, obis.e)]
    }

    /// This profile reduced to what the bridge reads back after a restart, and what reports that it is alive: for
    /// installations whose consumers read other outputs.
    public var forTheBridgeAlone: Profile {
        var profile = self
        profile.topics.reading.isEnabled = false
        profile.topics.obis.isEnabled = false
        profile.topics.value.isEnabled = false
        return profile
    }

    /// True for a register that is computed from others.
    func isDerived(_ obis: OBISCode) -> Bool { derived.contains { $0.obis == obis } }

    /// True for a register that only ever grows, by the profile's declaration, else by its code.
    public func isCounter(_ obis: OBISCode) -> Bool { register(obis)?.isCounter ?? obis.isCounter }
}
