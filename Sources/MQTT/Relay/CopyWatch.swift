// SPDX-License-Identifier: Apache-2.0
/// Recognises the copies that a broker delivers of one message, one for each subscription that it matches (MQTT 5.0, 3.3.4:
/// mosquitto does so). They come one after the other, and only the number of their subscription tells them apart.
///
/// A message that a meter repeats unchanged is not one: it comes again for the same subscription.
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
