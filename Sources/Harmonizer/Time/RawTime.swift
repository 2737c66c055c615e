// SPDX-License-Identifier: Apache-2.0

/// A time as a source sent it, before it is decided which instant it means.
public enum RawTime: Sendable, Hashable {
    /// With an offset, or an epoch: the instant is certain.
    case instant(Timestamp)
    /// Local time without offset, in the zone of the source.
    case local(WallTime)
    /// A P1 stamp (DSMR P1 5.0.2, 6.4): `W` is the zone's standard time, `S` is standard time plus one hour, all year round.
    case seasonal(WallTime, isSummer: Bool)
    /// A text that is not a valid time (`632525252525S`), as received.
    case invalid(String)
}
