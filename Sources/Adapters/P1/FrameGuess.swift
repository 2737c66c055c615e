// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The kind of frames that a payload's first bytes suggest: raw, or in hexadecimal.
enum FrameGuess: String, Sendable {
    case hdlc = "HDLC frames (DLMS)"
    case sml = "SML"
    case mbus = "M-Bus frames"
    case encryptedDLMS = "encrypted DLMS"
    case dlms = "DLMS without a frame"
    case tic = "TIC (Linky)"

    /// nil for anything else.
    init?(_ payload: [UInt8]) {
        if let kind = Self.of(payload) {
            self = kind
            return
        }
        let digits = payload.prefix(48).filter { $0 > 0x20 }
        guard digits.count >= 16 else { return nil }
        guard let bytes = HexadecimalText.bytes(Array(digits))?.bytes, let kind = Self.of(bytes) else { return nil }
        self = kind
    }

    private static func of(_ bytes: [UInt8]) -> FrameGuess? {
        guard bytes.count >= 8 else { return nil }
        if bytes.starts(with: [0x1B, 0x1B, 0x1B, 0x1B, 0x01, 0x01, 0x01, 0x01]) { return .sml }
        switch bytes[0] {
        case 0x7E: return bytes[1] & 0xF0 == 0xA0 ? .hdlc : nil
        case 0x68: return bytes[3] == 0x68 && bytes[1] == bytes[2] ? .mbus : nil
        case 0xDB: return bytes[1] == 0x08 ? .encryptedDLMS : nil
        case 0x0F: return bytes[1...4].allSatisfy { $0 != 0x20 } && bytes[5] == 0x0C || bytes[5] == 0x00 ? .dlms : nil
        case 0x02: return bytes[1] == 0x0A && bytes[2] >= 0x41 ? .tic : nil
        default: return nil
        }
    }
}
