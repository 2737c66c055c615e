// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

extension CipheredFrame {
    /// A decrypted content that may be read.
    struct Message: Sendable {
        var content: [UInt8]
        /// True when a tag authenticates it.
        var isAuthentic: Bool
    }

    /// Decrypts the message inside.
    ///
    /// - Throws: `telegram.encrypted` with what to do about it, or `telegram.crc` for a damaged frame.
    func message(keys: MeterKeys?, authentication: FrameKeys.Authentication) throws(Rejection) -> Message {
        guard let keys else {
            throw refused(
                "is encrypted and this source has no key: write \"decryption_key_file: FILE\" with the key that the grid "
                    + "operator gives out")
        }
        if hasKeyInformation { throw refused("brings a key of its own, which is not supported") }
        if isCompressed { throw refused("is compressed, which is not supported") }
        if usesBroadcastKey { throw refused("uses the operator's broadcast key, which is not supported") }
        guard suite <= 2 else { throw refused("uses the security suite \(suite), which is not supported") }
        guard isEncrypted || isAuthenticated else { throw refused("is neither encrypted nor authenticated") }
        guard keys.decryption.count == (suite == 2 ? 32 : 16) else {
            throw refused("needs a key of \(suite == 2 ? 64 : 32) hexadecimal digits; check decryption_key")
        }
        guard let content = content(key: keys.decryption) else { throw refused("cannot be decrypted") }
        if proves(content, key: keys.decryption, authenticationKey: keys.authentication) {
            return Message(content: content, isAuthentic: true)
        }
        let form = Form(of: content)
        guard form != .other else { throw refused("does not fit decryption_key") }
        guard isAuthenticated else {
            guard form == .whole else {
                throw refused(
                    form == .longer
                        ? "has no tag, and bytes behind its message: somebody took its tag for content"
                        : "does not fit decryption_key")
            }
            return Message(content: content, isAuthentic: false)
        }
        if keys.usesCommonAuthentication {
            guard authentication == .none else {
                throw refused(
                    "fits decryption_key; its tag needs the authentication key too: write \"authentication_key_file: "
                        + "FILE\", or \"authentication: none\" when the grid operator gives out one key only")
            }
            guard form == .whole else { throw refused("does not fit decryption_key") }
            return Message(content: content, isAuthentic: false)
        }
        guard form == .whole else {
            throw Rejection(
                .crc, at: 0,
                "the tag of the meter with the system title \(titleText) does not match: the frame was damaged or changed "
                    + "on its way")
        }
        throw refused(
            "fits decryption_key, not authentication_key: that key is wrong, or the frame is forged or was changed")
    }

    /// The form of decrypted bytes.
    private enum Form {
        /// Exactly one message.
        case whole
        /// A message with extra bytes after it.
        case longer
        /// The beginning of a message.
        case begun
        case other

        init(of content: [UInt8]) {
            switch content.first {
            case P1Framing.slash:
                self = content.withUnsafeBufferPointer { bytes in
                    guard case .telegram(let frame) = P1Framing.next(in: bytes, from: 0), let crc = frame.crc,
                        CRC16.checksum(UnsafeBufferPointer(rebasing: bytes[frame.bytes])) == crc
                    else { return .begun }
                    return bytes[frame.end...].allSatisfy { $0 <= P1Framing.blank } ? .whole : .longer
                }
            case Notification.tag:
                var list = ListContent()
                if case .frame(let notification) = Notification.find(in: content, from: 0),
                    case .whole(let end) = list.read(
                        content, from: notification.body, to: content.count, leniency: .swappedTag)
                {
                    self = end == content.count ? .whole : .longer
                } else {
                    self = .begun
                }
            default: self = .other
            }
        }
    }

    private func refused(_ what: String) -> Rejection {
        Rejection(.encrypted, at: 0, "the frame of the meter with the system title \(titleText) \(what)")
    }
}
