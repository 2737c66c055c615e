// SPDX-License-Identifier: Apache-2.0

/// A time as a source sent it, before anyone decided which instant it means.
public enum RawTime: Sendable, Hashable {
    /// With an offset, or an epoch: the instant is certain.
    case instant(Timestamp)
    /// A clock face without offset: local time in the zone of the source.
    case local(WallTime)
    /// A P1 stamp (DSMR P1 5.0.2, 6.4): `W` is the zone's standard time, `S` is standard time plus one hour, all year round.
    case seasonal(WallTime, isSummer: Bool)
    /// Something stands where a time should be, but it is none (`632525252525S`); the text as received.
    case invalid(String)
}
