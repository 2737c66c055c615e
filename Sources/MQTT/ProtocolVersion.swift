// SPDX-License-Identifier: Apache-2.0
/// The MQTT version to use.
public enum ProtocolVersion: String, Sendable, CustomStringConvertible {
    /// MQTT 5, and 3.1.1 with a broker that refuses it.
    case automatic = "auto"
    /// MQTT 5 only.
    case v5 = "5"
    /// MQTT 3.1.1 only.
    case v311 = "3.1.1"

    /// The name as users know it.
    public var description: String { self == .automatic ? "MQTT 5 or 3.1.1" : "MQTT \(rawValue)" }
}
