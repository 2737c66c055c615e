// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

extension CipheredFrame {
    /// The telegram inside, once its tag proves that the keys are the meter's and that no bit was changed.
    ///
    /// - Throws: `telegram.encrypted` with what to do about it.
    func opened(with keys: MeterKeys?) throws(Rejection) -> [UInt8] {
        guard let keys else {
            throw refused(
                "is encrypted (general-glo-ciphering) and this source has no key: write "
                    + "\"decryption_key_file: FILE\" with the key that the grid operator gives out")
        }
        // A frame that claims to have no tag is refused too: anyone could make one from an authentic frame.
        guard isEncrypted, isAuthenticated, !isCompressed, suite <= 2 else {
            let code = String(control, radix: 16, uppercase: true)
            throw refused("uses the security control 0x\(code), which is not supported")
        }
        guard keys.decryption.count == (suite == 2 ? 32 : 16) else {
            throw refused("needs a key of \(suite == 2 ? 64 : 32) hexadecimal digits; check decryption_key")
        }
        guard let text = content(key: keys.decryption) else { throw refused("cannot be decrypted") }
        if proves(text, key: keys.decryption, authenticationKey: keys.authentication) { return text }
        guard text.first == P1Framing.slash else { throw refused("does not fit decryption_key") }
        guard Self.isWhole(text) else {
            throw Rejection(.crc, at: 0, "the authentication tag does not match: the frame was damaged on its way")
        }
        throw refused(
            keys.usesCommonAuthentication
                ? "fits decryption_key, but not the authentication key that Luxembourg's meters share: write "
                    + "\"authentication_key_file: FILE\" too"
                : "fits decryption_key, but not authentication_key")
    }

    /// True when the telegram's own CRC proves that nothing was changed, so that a wrong tag must come from a wrong
    /// key.
    private static func isWhole(_ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            guard case .telegram(let frame) = P1Framing.next(in: bytes, from: 0) else { return false }
            guard let crc = frame.crc else { return true }
            return CRC16.checksum(UnsafeBufferPointer(rebasing: bytes[frame.bytes])) == crc
        }
    }

    private func refused(_ what: String) -> Rejection {
        Rejection(.encrypted, at: 0, "the telegram of the meter with the system title \(titleText) \(what)")
    }
}
