// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto

/// The object behind libmosquitto's `void *obj`: the callbacks store their events in it.
///
/// It belongs to its handle's thread. It calls no other code, so no code of ours runs inside libmosquitto.
final class CallbackContext {
    private(set) var events: [HandleEvent] = []
    /// Bytes up to which a payload is copied whole.
    private let payloadLimit: Int
    /// libmosquitto's error lines; only they contain the cause of a failed TLS handshake.
    private(set) var complaints: [String] = []

    init(payloadLimit: Int) { self.payloadLimit = payloadLimit }

    /// Swaps the events with `others`, whose contents are dropped and whose memory is reused.
    func exchange(_ others: inout [HandleEvent]) {
        others.removeAll(keepingCapacity: true)
        swap(&events, &others)
    }

    fileprivate static func note(_ event: HandleEvent, in object: UnsafeMutableRawPointer?) {
        guard let object else { return }
        Unmanaged<CallbackContext>.fromOpaque(object).takeUnretainedValue().events.append(event)
    }

    /// Bytes kept of a payload beyond the limit, enough to show what it was.
    fileprivate static var keptOfTooLarge: Int { 8192 }

    /// Registers the callbacks; each copies out of C memory.
    static func register(on mosquitto: OpaquePointer) {
        mosquitto_connect_v5_callback_set(mosquitto) { _, object, reason, flags, properties in
            var greeting = Greeting(reason: reason, sessionPresent: flags & 1 == 1)
            if properties != nil {
                var (takesIDs, maximumQoS, keepAlive): (UInt8, UInt8, UInt16) = (1, 2, 0)
                mosquitto_property_read_byte(
                    properties, Int32(MQTT_PROP_SUBSCRIPTION_ID_AVAILABLE.rawValue), &takesIDs, false)
                mosquitto_property_read_byte(properties, Int32(MQTT_PROP_MAXIMUM_QOS.rawValue), &maximumQoS, false)
                mosquitto_property_read_int16(
                    properties, Int32(MQTT_PROP_SERVER_KEEP_ALIVE.rawValue), &keepAlive, false)
                greeting.takesSubscriptionIDs = takesIDs != 0
                greeting.maximumQoS = Int(maximumQoS)
                greeting.keepAlive = keepAlive == 0 ? nil : Int(keepAlive)
            }
            CallbackContext.note(.connack(greeting), in: object)
        }
        mosquitto_disconnect_v5_callback_set(mosquitto) { _, object, reason, _ in
            CallbackContext.note(.disconnected(reason: reason), in: object)
        }
        mosquitto_publish_v5_callback_set(mosquitto) { _, object, id, reason, _ in
            CallbackContext.note(.published(id: id, reason: reason), in: object)
        }
        mosquitto_subscribe_v5_callback_set(mosquitto) { _, object, id, count, codes, _ in
            let codes = Array(UnsafeBufferPointer(start: codes, count: Int(max(0, count))))
            CallbackContext.note(.subscribed(id: id, codes: codes), in: object)
        }
        mosquitto_message_v5_callback_set(mosquitto) { _, object, message, properties in
            guard let object, let message = message?.pointee, let topic = message.topic else { return }
            let limit = Unmanaged<CallbackContext>.fromOpaque(object).takeUnretainedValue().payloadLimit
            let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
            // libmosquitto already holds a message of up to 256 MB twice; the handler refuses it anyway.
            let kept = payload.count > limit ? payload.prefix(CallbackContext.keptOfTooLarge) : payload[...]
            var copy = MQTTMessage(
                topic: String(cString: topic), payload: Array(kept),
                qos: message.qos == 0 ? .atMostOnce : .atLeastOnce, isRetained: message.retain)
            copy.omitted = payload.count - kept.count
            var subscriptionID: UInt32 = 0
            let property = Int32(MQTT_PROP_SUBSCRIPTION_IDENTIFIER.rawValue)
            if properties != nil, mosquitto_property_read_varint(properties, property, &subscriptionID, false) != nil {
                copy.subscriptionID = subscriptionID
            }
            CallbackContext.note(.message(copy), in: object)
        }
        mosquitto_log_callback_set(mosquitto) { _, object, level, text in
            guard level == Int32(MOSQ_LOG_ERR), let object, let text else { return }
            let context = Unmanaged<CallbackContext>.fromOpaque(object).takeUnretainedValue()
            if context.complaints.count < 8 { context.complaints.append(String(cString: text)) }
        }
    }
}
