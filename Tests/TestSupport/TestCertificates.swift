// SPDX-License-Identifier: Apache-2.0
/// A certificate authority of the test's own and a server certificate for `localhost`, made by openssl.
public struct TestCertificates: Sendable {
    /// The authority's certificate.
    public let caFile: String
    /// The server's certificate, signed by it.
    public let certificateFile: String
    /// The server's key.
    public let keyFile: String

    /// Makes the files in a folder. Every call makes another authority.
    public init(in directory: TemporaryDirectory) throws {
        let path = directory.path
        (caFile, certificateFile, keyFile) = ("\(path)/ca.pem", "\(path)/server.pem", "\(path)/server.key")
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        try Self.openssl(
            ["req", "-x509"] + key + ["-subj", "/CN=Test CA", "-keyout", "\(path)/ca.key", "-out", caFile])
        try Self.openssl(
            ["req", "-x509"] + key + [
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-addext", "basicConstraints=critical,CA:FALSE", "-CA", caFile, "-CAkey", "\(path)/ca.key",
                "-keyout", keyFile, "-out", certificateFile,
            ])
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = try ChildProcess("openssl", arguments)
        guard process.wait() == 0 else {
            throw SupportError("openssl: \(process.output.value.lines.joined(separator: "\n"))")
        }
    }
}
