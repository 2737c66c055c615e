// SPDX-License-Identifier: Apache-2.0
/// How a TLS connection is verified. Verification is always on, TLS 1.2 the minimum.
public struct TLSSettings: Sendable, Equatable {
    /// The certificates to trust, PEM; nil: the operating system's.
    public var caFile: String?
    /// The client's own certificate, PEM.
    public var certificateFile: String?
    /// The key of that certificate, PEM without a passphrase.
    public var keyFile: String?
    /// The protocol to request (ALPN, RFC 7301), which clouds require on port 443: `mqtt`; nil: none.
    public var alpn: String?

    /// TLS settings; by default the operating system's certificates are trusted.
    public init(
        caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, alpn: String? = nil
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.alpn = alpn
    }
}
