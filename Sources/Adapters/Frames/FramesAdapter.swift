// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The meter's own frames: DLMS over HDLC, M-Bus, TCP and UDP, SML, and the port of French meters, raw or inside a
/// reader's wrapping.
public struct FramesAdapter: Adapter {
    /// `frames`.
    public let name = "frames"

    /// None: every reader lets its user choose the topic.
    public let defaultFilters: [String] = []

    /// Each number contains its unit, or the meter's list defines it.
    public let units = UnitOrigin.message

    let options: FrameOptions

    /// Creates an adapter.
    public init(_ options: FrameOptions) { self.options = options }

    /// Creates a decoder that finds out the kind of frames and joins their pieces.
    public func makeDecoder() -> any TelegramDecoder { FramesDecoder(options: options) }

    /// Recognises a frame by its checks; payloads whose first byte cannot begin a frame are not tried.
    public func device(recognisedIn message: RawMessage) -> String? {
        let payload = message.payload
        guard let first = payload.first, payload.count >= 16 else { return nil }
        if first == UInt8(ascii: "{") {
            let beginning = String(decoding: payload.prefix(40), as: UTF8.self)
            guard beginning.contains("SerialReceived\"") else { return nil }
        } else if first > 0x20, first < 0x7E, first != 0x68 {
            // Hexadecimal and base64 texts are one word without spaces.
            guard payload.allSatisfy({ $0 > 0x20 || $0 == 0x0A || $0 == 0x0D }) else { return nil }
        }
        return FramesDecoder.recognises(payload) ? message.topic : nil
    }
}
