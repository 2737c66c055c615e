// SPDX-License-Identifier: Apache-2.0
/// Recognises the copies of one message that a broker delivers, one for each subscription that the message matches
/// (MQTT 5.0, 3.3.4: mosquitto does so). They arrive one after the other, and only their subscription identifiers
/// differ.
///
/// A message that a meter repeats unchanged is not a copy: it arrives again for the same subscription.
struct CopyWatch {
    private var last: MQTTMessage?
    private var subscriptions: Set<UInt32> = []

    mutating func isCopy(_ message: MQTTMessage) -> Bool {
        guard let subscription = message.subscriptionID else {
            last = nil
            return false
        }
        if let last, last.topic == message.topic, last.payload == message.payload,
            subscriptions.insert(subscription).inserted
        {
            return true
        }
        last = message
        subscriptions = [subscription]
        return false
    }
}
