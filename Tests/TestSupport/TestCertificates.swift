// SPDX-License-Identifier: Apache-2.0
/// The test's own certificate authority and a server certificate for `localhost`, made with openssl.
public struct TestCertificates: Sendable {
    /// The authority's certificate.
    public let caFile: String
    /// The server's certificate, signed by it.
    public let certificateFile: String
    /// The server's key.
    public let keyFile: String
    private let directory: TemporaryDirectory
    private var path: String { directory.path }

    /// Creates the files in a folder. Every call creates another authority.
    public init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        let path = directory.path
        (caFile, certificateFile, keyFile) = ("\(path)/ca.pem", "\(path)/server.pem", "\(path)/server.key")
        try Self.openssl(
            ["req", "-x509"] + Self.key + [
                "-days", "2", "-subj", "/CN=Test CA", "-keyout", "\(path)/ca.key", "-out", caFile,
            ])
        try Self.openssl(
            ["req", "-x509"] + Self.key + [
                "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-addext", "basicConstraints=critical,CA:FALSE", "-CA", caFile, "-CAkey", "\(path)/ca.key",
                "-keyout", keyFile, "-out", certificateFile,
            ])
    }

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    /// Another certificate of the same authority: for another host, for a client, or an expired one.
    ///
    /// - Parameters:
    ///   - host: the name in it.
    ///   - isExpired: whether it was valid only on the first day of 2020.
    public func another(_ name: String, host: String, isExpired: Bool = false) throws -> (
        certificateFile: String, keyFile: String
    ) {
        let (certificate, key, request) = ("\(path)/\(name).pem", "\(path)/\(name).key", "\(path)/\(name).csr")
        try Self.openssl(
            ["req", "-new"] + Self.key + [
                "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)", "-keyout", key, "-out", request,
            ])
        let configuration = """
            [ca]
            default_ca = test
            [test]
            database = \(path)/\(name).index
            new_certs_dir = \(path)
            certificate = \(caFile)
            private_key = \(path)/ca.key
            default_md = sha256
            rand_serial = yes
            copy_extensions = copy
            policy = names
            [names]
            commonName = supplied

            """
        try directory.write("\(name).cnf", configuration)
        try directory.write("\(name).index", "")
        let dates = isExpired ? ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"] : ["-days", "2"]
        try Self.openssl(
            ["ca", "-batch", "-notext", "-config", "\(path)/\(name).cnf", "-in", request, "-out", certificate] + dates)
        return (certificate, key)
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = try ChildProcess("openssl", arguments)
        guard process.wait() == 0 else {
            throw SupportError("openssl: \(process.output.value.lines.joined(separator: "\n"))")
        }
    }
}
