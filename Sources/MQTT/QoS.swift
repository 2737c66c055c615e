// SPDX-License-Identifier: Apache-2.0
/// The MQTT quality of service levels that the bridge uses.
///
/// There is no QoS 2: libmosquitto confirms such a message before the application sees it, so a kill would lose it.
public enum QoS: UInt8, Sendable {
    /// QoS 0: sent once, never repeated.
    case atMostOnce = 0
    /// QoS 1: repeated until it is acknowledged.
    case atLeastOnce = 1
}
