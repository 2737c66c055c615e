// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// SHA-256 (FIPS 180-4), which identifies a recording.
package enum SHA256 {
    /// The digest as 64 lower-case hexadecimal digits, as `sha256sum` prints it; empty where the library has no
    /// SHA-256.
    package static func hexadecimal(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        guard EVP_Q_digest(nil, "SHA256", nil, bytes, bytes.count, &digest, nil) == 1 else { return "" }
        return digest.reduce(into: "") { text, byte in
            text += byte < 16 ? "0" : ""
            text += String(byte, radix: 16)
        }
    }
}
