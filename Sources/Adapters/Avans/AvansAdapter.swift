// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Avans SmartMeter_DIY (github.com/AvansETI/SmartMeter_DIY): all readers publish on one topic, and only the
/// `signature` in the payload distinguishes them.
struct AvansAdapter: Adapter {
    let name = "avans"
    let defaultFilters = ["smartmeter/raw"]
    /// As for `p1`.
    let crc: CRCPolicy
    let keys: MeterKeys?

    func makeDecoder() -> any TelegramDecoder { AvansDecoder(crc: crc, keys: keys) }
}

/// `{"datagram":{"p1":"/XMX5…!05FD\r\n","signature":"…","s0":{"unit":"W","label":"…","value":0},"s1":{…}}}`.
struct AvansDecoder: TelegramDecoder {
    let crc: CRCPolicy
    let keys: MeterKeys?

    func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        let document: JSONDocument
        do throws(Rejection) {
            document = try JSONDocument.parse(message.payload)
        } catch {
            return .rejected(Self.isCut(message.payload) ? Self.cut(message.payload) : error)
        }
        guard let datagram = document.root["datagram"], datagram.kind == .object else {
            return .ignored(kind: "avans-other-json")
        }
        guard let signature = datagram["signature"]?.text, !signature.isEmpty else {
            return .rejected(
                Rejection(.shape, at: datagram.position, "no signature: nobody knows whose telegram it is"))
        }
        guard let text = datagram["p1"]?.text else {
            return .rejected(Rejection(.shape, at: datagram.position, "no telegram in \"p1\""))
        }
        // Each message contains one whole telegram; a telegram that the reader cut does not continue in the next
        // message.
        var decoder = P1Decoder(policy: crc, keys: keys)
        let inner = RawMessage(
            topic: message.topic, payload: Array(text.utf8), isRetained: message.isRetained, received: message.received)
        var verdict = decoder.decode(inner, context: context)
        if verdict == .fragment, let rest = decoder.abandon() { verdict = rest }
        guard case .telegrams(var telegrams, let rejected, let remarks) = verdict else { return verdict }
        for index in telegrams.indices {
            telegrams[index].device = signature
            telegrams[index].repairs += document.repairs.filter { !Self.isLineEnds($0) }
        }
        let pulses = ["s0", "s1"].compactMap { Self.pulses($0, of: datagram, signature: signature) }
        return .telegrams(telegrams + pulses, rejected: rejected, remarks: remarks)
    }

    /// A pulse input counts for another device: an appliance or solar panels. A pulse has no direction, so its power is
    /// an absolute value.
    private static func pulses(_ input: String, of datagram: JSONValue, signature: String) -> Telegram? {
        guard let counter = datagram.member(Array(input.utf8)), let power = counter["value"]?.quotedDecimal,
            let unit = Unit(counter["unit"]?.text ?? "W"), unit.dimension == .activePower
        else { return nil }
        let label = counter["label"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        return Telegram(
            device: "\(signature)-\(input)",
            observations: [Observation(OBISCode(1, 0, 15, 7, 0), .number(power), unit: unit)],
            model: label.map { MeterModel(model: $0) })
    }

    /// The reader's MQTT buffer has 2048 bytes (PubSubClient), one of them for the terminating zero.
    private static func isCut(_ payload: [UInt8]) -> Bool { (2000...2048).contains(payload.count) }

    private static func cut(_ payload: [UInt8]) -> Rejection {
        Rejection(
            .incomplete, at: payload.count,
            "cut at \(payload.count) bytes: larger than the buffer of the reader (2048)")
    }

    /// True for raw line ends in the text, which are intended; the CRC shows whether they are right.
    private static func isLineEnds(_ repair: Fix) -> Bool { repair == JSONLeniency.controlCharacter.fix }
}
