// SPDX-License-Identifier: Apache-2.0
import Foundation
import Subprocess
import SystemPackage

/// A mosquitto of the demo's own, on a free port of the loopback, gone with the demo.
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

    /// Runs `body` while the broker runs.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "obis-bridge-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("mosquitto.conf")
        let lines = ["listener \(port) 127.0.0.1", "allow_anonymous true", "persistence false", "log_dest none"]
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        var options = PlatformOptions()
        // A group of its own: Ctrl-C ends the bridge first, the broker after it.
        options.processGroupID = 0
        _ = try await Subprocess.run(
            .path(FilePath(program)), arguments: ["-c", file.path], platformOptions: options, input: .none,
            output: .discarded, error: .discarded
        ) { broker in
            defer { try? broker.send(signal: .terminate) }
            try await body()
        }
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
