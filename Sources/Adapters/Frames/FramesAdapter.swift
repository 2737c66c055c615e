// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The meter's own frames: DLMS over HDLC, M-Bus, TCP and UDP, SML, and the port of French meters, as they are or in what
/// readers wrap them in.
public struct FramesAdapter: Adapter {
    /// `frames`.
    public let name = "frames"

    /// None: every reader lets its user choose the topic.
    public let defaultFilters: [String] = []

    /// With each number, or in the meter's list.
    public let units = UnitOrigin.message

    let options: FrameOptions

    /// Makes an adapter.
    public init(_ options: FrameOptions) { self.options = options }

    /// A decoder that finds out what kind of frames come and puts their pieces together.
    public func makeDecoder() -> any TelegramDecoder { FramesDecoder(options: options) }

    /// A frame is known by its checks; payloads whose first byte begins none are not tried.
    public func device(recognisedIn message: RawMessage) -> String? {
        let payload = message.payload
        guard let first = payload.first, payload.count >= 16 else { return nil }
        if first == UInt8(ascii: "{") {
            let beginning = String(decoding: payload.prefix(40), as: UTF8.self)
            guard beginning.contains("SerialReceived\"") else { return nil }
        } else if first > 0x20, first < 0x7E, first != 0x68 {
            // Hexadecimal and base64 texts are one word without blanks.
            guard payload.allSatisfy({ $0 > 0x20 || $0 == 0x0A || $0 == 0x0D }) else { return nil }
        }
        return FramesDecoder.recognises(payload) ? message.topic : nil
    }
}
