// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// The wrapping that a reader adds to a telegram or a piece of one.
enum P1Wrapper {
    /// The bytes of the telegram, or the verdict when there are none.
    enum Unwrapped {
        /// The payload is the telegram.
        case bare
        /// The telegram inside, and the repairs that were needed to find it.
        case inner([UInt8], repairs: [Fix] = [])
        /// The beginning of an encrypted frame, or a whole one.
        case ciphered([UInt8], isHexadecimal: Bool)
        /// Not a telegram.
        case failure(Verdict)
    }

    /// Examines the first bytes; copies nothing when they are a telegram's.
    static func unwrap(_ payload: [UInt8]) -> Unwrapped {
        guard let first = payload.first else { return .bare }
        if let kind = FrameGuess(payload), kind != .encryptedDLMS {
            return .failure(.rejected(Rejection(.shape, at: 0, "\(kind.rawValue), not a P1 telegram")))
        }
        switch first {
        case 0xDB where payload.count > 1 && payload[1] == 8: return .ciphered(payload, isHexadecimal: false)
        case UInt8(ascii: "{"): return json(payload)
        case 0x7E: return .failure(.rejected(Rejection(.shape, at: 0, "HDLC frames (DLMS), not a P1 telegram")))
        case UInt8(ascii: "2"), UInt8(ascii: "D"), UInt8(ascii: "d"):
            guard let bytes = hexadecimal(payload) else { return .bare }
            if bytes.starts(with: CipheredFrame.start) { return .ciphered(bytes, isHexadecimal: true) }
            return bytes.first == P1Framing.slash ? .inner(bytes) : .bare
        case UInt8(ascii: "O"), UInt8(ascii: "o"):
            return availability(payload).map { .failure($0) } ?? .bare
        default: return .bare
        }
    }

    /// The availability in a reader's last will, which is not part of a telegram.
    static func availability(_ payload: [UInt8]) -> Verdict? {
        switch payload.count {
        case 6, 7: break
        default: return nil
        }
        return switch String(decoding: payload, as: UTF8.self).lowercased() {
        case "online": .availability(isOnline: true)
        case "offline": .availability(isOnline: false)
        default: nil
        }
    }

    /// Unwraps `{"SerialReceived":"1-0:1.8.1(…)\r"}` of Tasmota's serial bridge, which did not escape backslashes
    /// before 8.4 (arendst/Tasmota#8329). Other JSON on its topic answers commands.
    private static func json(_ payload: [UInt8]) -> Unwrapped {
        do throws(Rejection) {
            let document = try JSONDocument.parse(payload)
            guard let text = document.root["SerialReceived"]?.text else {
                return .failure(.ignored(kind: "p1-other-json"))
            }
            return .inner(Array(text.utf8), repairs: document.repairs)
        } catch {
            return .failure(.rejected(error))
        }
    }

    /// The bytes of a payload in hexadecimal (amsreader's `<topic>/data`); nil for anything else and for a payload too
    /// short for a telegram.
    static func hexadecimal(_ payload: [UInt8], atLeast minimum: Int = 64) -> [UInt8]? {
        guard payload.count >= minimum, let (bytes, rest) = HexadecimalText.bytes(payload) else { return nil }
        return rest.isEmpty ? bytes : nil
    }
}
