// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Sends the same registers again and again, the counters rising: the payload is the number of the message.
struct RepeatingAdapter: Adapter {
    let name = "corpus"
    let defaultFilters = ["in"]
    let observations: [Observation]

    /// What becomes of so many messages, ten seconds apart, with the shipped profile.
    static func readings(of observations: [Observation], count: Int) throws -> [Reading] {
        let source = Source(
            name: "corpus", adapter: RepeatingAdapter(observations: observations),
            filters: [TopicPattern("in")].compactMap(\.self), zone: .utc, meter: "house", meterPlace: "bridge.yaml:1",
            place: "bridge.yaml:1")
        var pipeline = Pipeline(Pipeline.Settings(bridge: "test", profile: try profile.get(), sources: [source]))
        pipeline.keepsReadings = true
        return (0..<count).flatMap { step in
            _ = pipeline.handle(
                RawMessage(
                    topic: "in", payload: Array("\(step)".utf8),
                    received: ReaderRecording.start + .seconds(Int64(step) * 10)))
            return pipeline.takeReadings()
        }
    }

    private static let profile = Result { try Profile() }

    func makeDecoder() -> any TelegramDecoder { Decoder(observations: observations) }

    private struct Decoder: TelegramDecoder {
        let observations: [Observation]

        mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
            let step = Int64(String(decoding: message.payload, as: UTF8.self)) ?? 0
            var telegram = Telegram(clock: .meter)
            telegram.time = .instant(message.received)
            // One tariff counts, and the total with it.
            var counting: Set<OBISCode> = []
            for c in [UInt8(1), 2] {
                counting.insert(OBISCode(1, 0, c, 8, 0))
                let tariffs = observations.map(\.obis.canonical).filter { (code: OBISCode) -> Bool in
                    guard code.a == 1, code.c == c, code.d == 8 else { return false }
                    return (1...63).contains(code.e)
                }
                if let first = tariffs.first { counting.insert(first) }
            }
            telegram.observations = observations.compactMap { observation in
                var next = observation
                next.time = nil
                guard counting.contains(observation.obis.canonical), case .number(let number) = observation.value,
                    let unit = observation.unit, let power = Unit("kWh")?.powerOfTen(to: unit)
                else { return next }
                // A hundredth of a kWh a message.
                return number.adding(ExactDecimal(step, exponent: power - 2)).map {
                    Observation(observation.obis, .number($0), unit: unit, raw: observation.raw)
                }
            }
            return .telegrams([telegram], remarks: [])
        }
    }
}
