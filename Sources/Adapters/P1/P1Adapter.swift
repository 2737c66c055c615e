// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// P1 telegrams as sent by the meter: DSMR, eMUCS and similar formats, whole or in pieces.
public struct P1Adapter: Adapter {
    /// `p1`.
    public let name = "p1"

    /// Topics with unchanged telegrams: DSMR-reader, the Flukso P1 dongle (with a leading slash), readers with a
    /// similar layout, Energy Intelligence's Swedish reader, ESPHome's `telegram` text sensor. amsreader
    /// (`<topic>/data`) and Tasmota's serial bridge (`tele/<device>/RESULT`) publish other data on the same topics, so
    /// a source must name those itself.
    public let defaultFilters = [
        "dsmr/raw", "/p1/+/telegram", "p1/+/telegram", "+/p1/telegram", "+/raw/raw", "+/text_sensor/telegram/state",
    ]

    /// Each number has its unit.
    public let units = UnitOrigin.message

    private let policy: CRCPolicy
    private let keys: MeterKeys?

    /// Creates an adapter.
    ///
    /// - Parameters:
    ///   - crc: how a telegram's CRC is used.
    ///   - keys: the keys of a meter that encrypts; nil for none.
    public init(crc: CRCPolicy, keys: MeterKeys?) {
        policy = crc
        self.keys = keys
    }

    /// Creates a decoder that reads every dialect and joins pieces.
    public func makeDecoder() -> any TelegramDecoder { P1Decoder(policy: policy, keys: keys) }

    /// Recognises a telegram by its beginning: plain, in hexadecimal or encrypted, or a piece from Tasmota's serial
    /// bridge.
    public func device(recognisedIn message: RawMessage) -> String? {
        guard message.payload.first != UInt8(ascii: "{") else {
            let beginning = String(decoding: message.payload.prefix(40), as: UTF8.self)
            return beginning.contains("\"SerialReceived\"") ? message.topic : nil
        }
        switch P1Wrapper.unwrap(message.payload) {
        case .bare: return message.payload.first == P1Framing.slash ? message.topic : nil
        case .inner, .ciphered: return message.topic
        case .failure: return nil
        }
    }
}
