// SPDX-License-Identifier: Apache-2.0

/// A TLS server in front of a plain one; it puts everything that the plain server sends at once into one TLS record,
/// like brokers on netty or Erlang. It ends with this object.
public final class TLSFront: Sendable {
    /// The port of the TLS listener.
    public let port: Int
    private let process: ChildProcess

    /// Listens for TLS on a free port, with the server's certificate, and forwards the decrypted bytes.
    public init(to port: Int, _ certificates: TestCertificates) throws {
        self.port = try freePort()
        process = try ChildProcess(
            "python3",
            ["-u", "-c", Self.script, "\(self.port)", "\(port)", certificates.certificateFile, certificates.keyFile])
        guard process.wait(forLines: { !$0.isEmpty }), process.output.value.lines.first == "ready" else {
            throw SupportError("the TLS front: \(process.output.value.lines.joined(separator: "\n"))")
        }
    }

    private static let script = """
        import socket, ssl, sys, threading
        port, target, certificate, key = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        listener = socket.create_server(("127.0.0.1", port))
        print("ready")

        def copy(source, target):
            try:
                while data := source.recv(16384):
                    target.sendall(data)
            except OSError:
                pass
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        while True:
            plain, _ = listener.accept()
            try:
                secure = context.wrap_socket(plain, server_side=True)
                secure.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                inner = socket.create_connection(("127.0.0.1", target))
            except OSError:
                continue
            threading.Thread(target=copy, args=(secure, inner), daemon=True).start()
            threading.Thread(target=copy, args=(inner, secure), daemon=True).start()
        """
}
