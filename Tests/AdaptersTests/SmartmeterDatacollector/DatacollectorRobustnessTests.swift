// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

@Suite struct DatacollectorRobustnessTests {
    static let messages = Fixture.all.filter { $0.adapter == "smartmeter-datacollector" }.flatMap(\.steps)
        .compactMap(\.message)

    @Test func `a message that is cut off anywhere is never a reading with other digits`() {
        var decoder = DatacollectorDecoder()
        for message in Self.messages where message.payload.first == UInt8(ascii: "{") {
            let whole = values(decoder.decode(message, context: DecodingContext()))
            for end in message.payload.indices {
                var cut = message
                cut.payload = Array(message.payload[..<end])
                for value in values(decoder.decode(cut, context: DecodingContext())) {
                    #expect(whole.contains(value), "\(message.topic) cut at \(end)")
                }
            }
        }
    }

    @Test func `no byte in a topic or a payload is a trap`() {
        var random = SplitMix64(state: 2026)
        var decoder = DatacollectorDecoder()
        let alphabet = Array("{}[]\":,.-+eE0123456789 \\/nulNaN\u{0}é".utf8)
        for message in Self.messages {
            for _ in 0..<200 {
                var broken = message
                for _ in 0...Int.random(in: 0..<4, using: &random) where !broken.payload.isEmpty {
                    let index = Int.random(in: broken.payload.indices, using: &random)
                    broken.payload[index] = alphabet.randomElement(using: &random) ?? 0
                }
                var topic = Array(message.topic.utf8)
                if Bool.random(using: &random) {
                    topic[Int.random(in: topic.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                broken.topic = String(decoding: topic, as: UTF8.self)
                _ = decoder.decode(broken, context: DecodingContext(keepsRaw: true))
                _ = SmartmeterDatacollector().device(of: broken.topic, captures: [broken.topic[...]])
            }
        }
    }

    private func values(_ verdict: Verdict) -> [RawValue] {
        guard case .telegrams(let telegrams, _, _) = verdict else { return [] }
        return telegrams.flatMap { $0.observations.map(\.value) }
    }
}
