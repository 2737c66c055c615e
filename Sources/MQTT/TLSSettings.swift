// SPDX-License-Identifier: Apache-2.0
/// How a TLS connection is verified. Verification is always on, TLS 1.2 the minimum.
public struct TLSSettings: Sendable, Equatable {
    /// The certificates to trust, PEM; nil: those of the operating system.
    public var caFile: String?
    /// The client's own certificate, PEM.
    public var certificateFile: String?
    /// The key of that certificate, PEM without a passphrase.
    public var keyFile: String?
    /// The protocol to ask for (ALPN, RFC 7301), as clouds want it on port 443: `mqtt`; nil: none.
    public var alpn: String?

    /// Everything from the operating system unless told.
    public init(
        caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, alpn: String? = nil
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.alpn = alpn
    }
}
