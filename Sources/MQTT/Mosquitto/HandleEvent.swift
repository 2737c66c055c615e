// SPDX-License-Identifier: Apache-2.0
/// What libmosquitto reported through a callback.
enum HandleEvent {
    /// CONNACK, accepted or not. `reason` is a code of the version in use.
    case connack(reason: Int32, sessionPresent: Bool, takesSubscriptionIDs: Bool, maximumQoS: UInt8)
    /// The broker's DISCONNECT (128 and above), or libmosquitto's own code of a lost connection.
    case disconnected(reason: Int32)
    /// QoS 1: acknowledged; QoS 0: written.
    case published(id: Int32, reason: Int32)
    case subscribed(id: Int32, codes: [Int32])
    case message(MQTTMessage)
}
