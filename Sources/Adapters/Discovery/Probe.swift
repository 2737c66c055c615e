// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// One way to read a message: an adapter as a source would configure it.
struct Probe: Sendable {
    let adapter: any Adapter

    /// All of them. Of several that understand a reader equally well the first is proposed.
    static let all: [Probe] = AdapterRegistry.all.map { Probe(adapter: $0.make(AdapterOptions())) }

    /// The reader that a message belongs to; nil when the message is certainly not of this format.
    func place(of message: RawMessage) -> ReaderPlace? {
        if let place = ReaderPlace(topic: message.topic, adapter: adapter) { return place }
        switch adapter.name {
        // A telegram is known by its first byte, wherever it is published.
        case "p1":
            let isTelegram = message.payload.first == UInt8(ascii: "/")
            // Tasmota's serial bridge, a line or a chunk a message.
            let isSerial = message.payload.starts(with: Array(#"{"SerialReceived""#.utf8))
            return isTelegram || isSerial ? ReaderPlace(topic: message.topic) : nil
        // `FullTopic` is free, its last level is not.
        case "gplug", "tasmota":
            guard TasmotaTopic.isSensors(message.topic) else { return nil }
            return ReaderPlace(topic: message.topic, device: TasmotaTopic.device(message.topic))
        default: return nil
        }
    }

    /// True for the formats whose labels say neither register nor unit, so that somebody has to know the script.
    var needsLabels: Bool { adapter.name == "gplug" || adapter.name == "tasmota" }
}
