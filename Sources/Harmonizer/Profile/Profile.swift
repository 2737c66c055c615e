// SPDX-License-Identifier: Apache-2.0

/// What is published, where, and under which names: `harmonized.yaml` with the user's changes, checked.
public struct Profile: Sendable {
    /// The profile's name, in `bridge/…/info`.
    public var name: String
    /// `schema` in every payload.
    public var schema: String
    /// Where each kind of publication goes.
    public var topics: Topics
    /// The registers it knows, by canonical code; M-Bus registers under channel `anyChannel`.
    public var registers: [OBISCode: RegisterDeclaration]
    /// Registers that are computed from others.
    public var derived: [DerivedRegister]
    /// What happens for each rule, unless a source decides otherwise: `Pipeline.policy` is the one place to ask.
    public var policies: FixPolicies
    /// Ids that are no ids, in lower case.
    public var placeholders: Set<String>
    /// Which times are believed.
    public var time: TimeLimits
    /// How telegrams in several messages are closed.
    public var groups: GroupSettings
    /// When a counter is not believed.
    public var guards: GuardSettings
    /// Whether the quarter-hour demand is computed, unless `meters:` says something else.
    public var demand: DemandSettings
    /// What tariffs are called, by country or operator.
    public var tariffNames: [String: TariffNames]
    /// Which of these counts, unless `meters:` says something else; nil: none.
    public var tariffs: String?
    /// Numbers that mean "no value" in any register.
    public var sentinels: Sentinels
    /// Known faults of readers, by name.
    public var scales: [String: ScaleRule]
    /// True when each register carries its words on the wire.
    public var keepsRaw: Bool
    /// 16 hex digits over the merged text: two bridges with equal hashes publish alike.
    public var hash: String
    /// The merged file, each value with its place, for `check --print-profile`.
    public var source: YAMLNode

    /// The channel under which a profile's `0-n:…` registers are kept.
    public static let anyChannel: UInt8 = 255
    /// The channels that those stand for: four on a P1 port, further ones of readers that have several devices of a kind.
    static let channels: ClosedRange<UInt8> = 1...64

    /// The register of that code; nil when the profile does not know it.
    public func register(_ obis: OBISCode) -> RegisterDeclaration? {
        if let register = registers[obis] { return register }
        guard obis.a == 0, Self.channels.contains(obis.b) else { return nil }
        return registers[OBISCode(0, Self.anyChannel, obis.c, obis.d, obis.e)]
    }

    /// The same with nothing published but what the bridge reads back after a restart, and what says that it lives: for
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

    /// True for a register that only ever grows, by its code or by what the profile says.
    public func isCounter(_ obis: OBISCode) -> Bool { register(obis)?.isCounter ?? obis.isCounter }
}
