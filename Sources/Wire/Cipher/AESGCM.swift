// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// AES in Galois/counter mode (NIST SP 800-38D), from OpenSSL's libcrypto, which libmosquitto needs anyway.
package enum AESGCM {
    /// Encrypts.
    ///
    /// - Parameters:
    ///   - key: 16 or 32 bytes: AES-128 or AES-256.
    ///   - nonce: 12 bytes, never the same twice under one key.
    ///   - additional: bytes that the tag authenticates as well.
    /// - Returns: the ciphertext, and the tag of 16 bytes; nil for a key or a nonce of another length.
    package static func seal(
        _ bytes: [UInt8], key: [UInt8], nonce: [UInt8], authenticating additional: [UInt8] = []
    ) -> (ciphertext: [UInt8], tag: [UInt8])? {
        guard nonce.count == 12, let cipher = key.count == 16 ? aes128 : key.count == 32 ? aes256 : nil,
            let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var written: Int32 = 0
        guard EVP_EncryptInit_ex(context, cipher.pointer, nil, key, nonce) == 1,
            additional.isEmpty
                || EVP_EncryptUpdate(context, nil, &written, additional, Int32(additional.count)) == 1
        else { return nil }
        var isSealed = true
        let ciphertext = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            guard let base = buffer.baseAddress, !bytes.isEmpty else { return }
            isSealed = EVP_EncryptUpdate(context, base, &written, bytes, Int32(bytes.count)) == 1
            count = isSealed ? bytes.count : 0
        }
        var tag = [UInt8](repeating: 0, count: 16)
        // A counter mode writes nothing at the end, but the call needs a buffer.
        var rest: [UInt8] = [0]
        guard isSealed, EVP_EncryptFinal_ex(context, &rest, &written) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, &tag) == 1
        else { return nil }
        return (ciphertext, tag)
    }

    /// A cipher of the library, looked up once: it never changes, and lives as long as the program.
    private struct Cipher: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let aes128 = EVP_CIPHER_fetch(nil, "AES-128-GCM", nil).map(Cipher.init(pointer:))
    private static let aes256 = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil).map(Cipher.init(pointer:))
}
