// SPDX-License-Identifier: Apache-2.0

/// What a telegram's CRC decides: `crc:` of a source.
///
/// A telegram whose CRC does not match is never read in part: the CRC is its only protection against torn lines, and without
/// it they become wrong counters (Domoticz issue 836). Telegrams that have none (DSMR 2.2, Q3D) pass under every policy.
public enum CRCPolicy: String, Sendable, CaseIterable {
    /// As received, else with line ends and escapes restored as far as the CRC proves it.
    case repair
    /// Exactly as received.
    case strict
    /// Not checked: for the few meters whose CRC is always wrong.
    case off
}
