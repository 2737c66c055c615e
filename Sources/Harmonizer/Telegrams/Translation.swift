// SPDX-License-Identifier: Apache-2.0

/// An exact and expected translation. It is not a repair: a meter's `info` reports it once, its readings do not.
public enum Translation: Sendable, Hashable {
    /// A register's unit: Wh became kWh.
    case unit(OBISCode, from: Unit, to: Unit)
    /// A register arrived on another channel than it is published on.
    case channel(received: OBISCode, published: OBISCode)
    /// Times without offset were read as local time of this zone.
    case zone(String)
    /// The id was ASCII in hexadecimal.
    case decodedID(received: String)
    /// The id is published under another name.
    case alias(received: String, by: String)
    /// Powers, currents and energies are multiplied by the factor of current transformers.
    case transformers(ExactDecimal)
    /// A current arrived with the sign of its power: its magnitude is published.
    case magnitude(OBISCode)
    /// A limit arrived as the number that means that there is none.
    case unlimited(OBISCode)
    /// Labels were read with this dictionary, `guessed` when it was not configured.
    case labels(String, guessed: Bool)
}
