// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

/// Messages of every publisher, damaged at random.
@Suite struct PublisherDamageTests {
    @Test(arguments: Publisher.all) func `no damage stops a decoder from reading the next good message`(
        publisher: Publisher
    )
        throws
    {
        var random = SplitMix64(state: 7)
        let adapter = try #require(AdapterRegistry.make(publisher.adapter), "no such adapter")
        var decoder = adapter.makeDecoder()
        for _ in 0..<60 {
            for message in publisher.messages.prefix(8) {
                var payload = message.payload
                for _ in 0...Int.random(in: 0...3, using: &random) { Self.damage(&payload, &random) }
                _ = Self.decode(payload, on: message.topic, by: &decoder)
            }
        }
        _ = decoder.abandon()
        var fresh = adapter.makeDecoder()
        // The last telegram of the next good messages is the same as that of a decoder that never saw damage.
        let expected = publisher.messages.map { Self.decode($0.payload, on: $0.topic, by: &fresh) }
        let found = publisher.messages.map { Self.decode($0.payload, on: $0.topic, by: &decoder) }
        #expect(found.map(Self.observations) == expected.map(Self.observations))
    }

    private static func decode(
        _ payload: [UInt8], on topic: String, by decoder: inout any TelegramDecoder
    ) -> Verdict {
        let message = RawMessage(topic: topic, payload: payload, received: Timestamp(seconds: 1_714_163_607))
        return decoder.decode(message, context: DecodingContext(keepsRaw: true))
    }

    private static func observations(_ verdict: Verdict) -> [OBISCode] {
        guard case .telegrams(let telegrams, _, _) = verdict else { return [] }
        return telegrams.flatMap(\.observations).map(\.obis)
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let index = Int.random(in: 0...bytes.count, using: &random)
        let length = min(Int.random(in: 0...30, using: &random), bytes.count - index)
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where index < bytes.count: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(index..<(index + length))
        case 2: bytes.insert(contentsOf: bytes[index..<(index + length)], at: index)
        case 3: bytes.insert(contentsOf: "99999999999999999999".utf8, at: index)
        case 4: bytes.insert("{}[]\",:\\-.e".utf8.randomElement(using: &random) ?? 0, at: index)
        default: bytes.removeSubrange(index...)
        }
    }
}
