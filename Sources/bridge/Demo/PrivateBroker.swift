// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The demo's own mosquitto, on a free port of the loopback. It ends with the demo.
struct PrivateBroker {
    let program: String
    let port: Int

    /// Nil when mosquitto is not installed or no port is free.
    init?() {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]
        guard let program = folders.map({ "\($0)/mosquitto" }).first(where: FileManager.default.isExecutableFile),
            let port = Self.freePort()
        else { return nil }
        self.program = program
        self.port = port
    }

    /// Starts the broker, waits for the end of standard input, and kills the broker. Standard input is a pipe from the demo, so it
    /// ends however the demo ends, also with `kill -9`. SIGKILL, because `Process` starts programs with SIGTERM blocked; the broker
    /// has no data to save.
    private static let script = """
        printf 'listener %s 127.0.0.1\\nallow_anonymous true\\npersistence false\\nlog_dest none\\n' "$1" | "$0" -c /dev/stdin &
        read -r line; kill -9 $!
        """

    /// Runs `body` while the broker runs.
    func run(_ body: () async throws -> Void) async throws {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", Self.script, program, "\(port)"]
        let pipe = Pipe()
        shell.standardInput = pipe
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        defer {
            try? pipe.fileHandleForWriting.close()
            shell.waitUntilExit()
        }
        try await body()
    }

    private static func freePort() -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0
            }
        } ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
