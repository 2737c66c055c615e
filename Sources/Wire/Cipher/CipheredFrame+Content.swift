// SPDX-License-Identifier: Apache-2.0

extension CipheredFrame {
    /// The content under that key, not yet authenticated; nil when the key's length is not an AES key length.
    package func content(key: [UInt8]) -> [UInt8]? {
        guard isEncrypted else { return ciphertext }
        return sealed(ciphertext, key, authenticating: [])?.text
    }

    /// True when the tag proves that `content` was made with these keys and that no bit of it was changed.
    package func proves(_ content: [UInt8], key: [UInt8], authenticationKey: [UInt8]) -> Bool {
        guard isAuthenticated else { return false }
        let additional = [control] + authenticationKey + head
        let made =
            isEncrypted
            ? sealed(content, key, authenticating: additional) : sealed([], key, authenticating: additional + content)
        guard let made else { return false }
        return Self.isEqual(made.tag.prefix(Self.tagSize), tag)
    }

    /// One pass of AES-GCM. Encryption and decryption xor the same key stream, so that sealing the ciphertext yields
    /// the text; sealing the text yields the whole tag, of which DLMS sends 12 of 16 bytes.
    private func sealed(
        _ bytes: [UInt8], _ key: [UInt8], authenticating additional: [UInt8]
    ) -> (text: [UInt8], tag: [UInt8])? {
        AESGCM.seal(bytes, key: key, nonce: title + counter, authenticating: additional).map { ($0.ciphertext, $0.tag) }
    }

    /// Compares in constant time, wherever the difference is.
    private static func isEqual(_ one: ArraySlice<UInt8>, _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
