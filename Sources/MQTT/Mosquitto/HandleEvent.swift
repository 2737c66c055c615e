// SPDX-License-Identifier: Apache-2.0
/// CONNACK, accepted or not.
struct Greeting {
    /// A reason code of the version in use.
    var reason: Int32
    var sessionPresent: Bool
    // Properties of MQTT 5 (5.0, 3.2.2.3), with their defaults.
    var takesSubscriptionIDs = true
    var maximumQoS = 2
    /// Seconds; nil: the client's own value.
    var keepAlive: Int?
}

/// What libmosquitto reported through a callback.
enum HandleEvent {
    case connack(Greeting)
    /// The reason in the broker's DISCONNECT (128 and above), or libmosquitto's own code for a lost connection.
    case disconnected(reason: Int32)
    /// QoS 1: acknowledged; QoS 0: written.
    case published(id: Int32, reason: Int32)
    case subscribed(id: Int32, codes: [Int32])
    case message(MQTTMessage)
}
