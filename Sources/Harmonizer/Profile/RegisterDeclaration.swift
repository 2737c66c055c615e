// SPDX-License-Identifier: Apache-2.0

/// The declaration of one register in a profile.
public struct RegisterDeclaration: Sendable, Equatable {
    /// Its code; channel `Profile.anyChannel` stands for every M-Bus channel.
    public var obis: OBISCode
    /// Its ASCII name in `values` and `value/<alias>`; nil for none. `{medium}` for M-Bus devices.
    public var alias: String?
    /// The units it may be published in: the first to which the received one converts is used. Empty: as received.
    public var units: [Unit]
    /// Digits kept after the point; nil keeps all.
    public var decimals: Int?
    /// The plausible range, in the first unit.
    public var range: ClosedRange<ExactDecimal>?
    /// Numbers that mean "no value" in it, besides those of the profile.
    public var sentinels: Sentinels
    /// Numbers that mean "no limit" in it: the register is then absent, and `info` reports it once.
    public var unlimited: Sentinels
    /// True when it only ever grows, false when it does not; nil to go by its code.
    public var isCounter: Bool?
    /// One line for people.
    public var description: String
    /// Where the profile declares it.
    public var mark: SourceMark
}
