// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A real mosquitto on a free port of the loopback interface; it ends with this object.
public final class MosquittoBroker: Sendable {
    /// The configuration of the broker, beyond the listener.
    public struct Options: Sendable {
        /// User names and passwords; empty: anonymous clients are accepted.
        public var users: [String: String] = [:]
        /// Makes the listener a TLS listener, with a new authority.
        public var hasTLS = false
        /// Sessions and retained messages survive a restart.
        public var isPersistent = false
        /// More lines for the configuration file.
        public var lines: [String] = []
        /// The program, which may be another version than the system's.
        public var program = "/usr/sbin/mosquitto"

        /// The options; by default all are off.
        public init(
            users: [String: String] = [:], hasTLS: Bool = false, isPersistent: Bool = false, lines: [String] = []
        ) {
            self.users = users
            self.hasTLS = hasTLS
            self.isPersistent = isPersistent
            self.lines = lines
        }
    }

    /// The port it listens on, the same after a restart.
    public let port: Int
    /// The folder of its files.
    public let directory: TemporaryDirectory
    /// With TLS: the files of its authority and of the server.
    public let certificates: TestCertificates?
    private let configuration: String
    private let program: String
    private let process = Monitor<ChildProcess?>(nil)

    /// Starts it and waits until it accepts connections.
    public init(_ options: Options = Options(), port: Int? = nil) throws {
        self.port = try port ?? freePort()
        directory = try TemporaryDirectory()
        certificates = options.hasTLS ? try TestCertificates(in: directory) : nil
        // As root, mosquitto would switch to a user that cannot read the temporary folder.
        var lines = ["user root", "listener \(self.port) 127.0.0.1", "log_dest stdout", "log_type all"]
        if options.users.isEmpty {
            lines.append("allow_anonymous true")
        } else {
            let file = "\(directory.path)/passwords"
            try directory.write("passwords", "")
            for (name, password) in options.users {
                let tool = try ChildProcess("mosquitto_passwd", ["-b", file, name, password])
                guard tool.wait() == 0 else { throw SupportError("mosquitto_passwd failed") }
            }
            lines += ["allow_anonymous false", "password_file \(file)"]
        }
        if let certificates {
            lines += ["certfile \(certificates.certificateFile)", "keyfile \(certificates.keyFile)"]
        }
        if options.isPersistent {
            // Saves every change; otherwise a kill would lose the session itself.
            lines += [
                "persistence true", "persistence_location \(directory.path)/", "autosave_on_changes true",
                "autosave_interval 1",
            ]
        }
        program = options.program
        configuration = try directory.write(
            "mosquitto.conf", (lines + options.lines).joined(separator: "\n") + "\n")
        try start()
    }

    deinit { process.withLock { $0 = nil } }

    /// Starts it again on the same port and waits until it accepts connections.
    public func start() throws {
        let child = try ChildProcess(program, ["-c", configuration])
        process.withLock { $0 = child }
        for _ in 0..<1000 {
            if accepts(port: port) { return }
            // No other event shows that the listener is open; do not wait for a broker that ended.
            if child.output.wait(seconds: 0.01, until: { $0.exitCode != nil }) { break }
        }
        throw SupportError("mosquitto does not start: \(child.output.value.lines.joined(separator: "\n"))")
    }

    /// Ends it with SIGTERM, like an administrator, and waits.
    public func stop() { end(SIGTERM) }

    /// Ends it with SIGKILL, like a power cut.
    public func kill() { end(SIGKILL) }

    /// Stops the process with its connections open; `resume` continues it.
    public func freeze() { process.value?.kill(SIGSTOP) }

    /// Continues it after `freeze`.
    public func resume() { process.value?.kill(SIGCONT) }

    /// Stops and starts it.
    public func restart() throws {
        stop()
        try start()
    }

    /// Its log since the last start.
    public var log: [String] { process.value?.output.value.lines ?? [] }

    /// Waits for a line of its log.
    public func wait(seconds: Double = 15, forLog predicate: ([String]) -> Bool) -> Bool {
        process.value?.wait(seconds: seconds, forLines: predicate) ?? false
    }

    private func end(_ signal: Int32) {
        guard let child = process.value else { return }
        child.kill(signal)
        _ = child.wait()
    }
}
