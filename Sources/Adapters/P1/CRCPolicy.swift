// SPDX-License-Identifier: Apache-2.0

/// How a telegram's CRC is used: `crc:` of a source.
///
/// A telegram whose CRC does not match is never read in part: the CRC is its only protection against torn lines, and
/// without it they become wrong counters (Domoticz issue 836). Telegrams without a CRC (DSMR 2.2, Q3D) are accepted
/// under every policy.
public enum CRCPolicy: String, Sendable, CaseIterable {
    /// As received, otherwise with line ends and escapes restored as far as the CRC proves it.
    case repair
    /// Exactly as received.
    case strict
    /// Not checked: for the few meters whose CRC is always wrong.
    case off
}
