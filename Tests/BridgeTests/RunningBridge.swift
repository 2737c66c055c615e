// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// The built `obis-bridge run` as a process of its own, gone with this object.
final class RunningBridge: Sendable {
    let process: ChildProcess
    private let directory: TemporaryDirectory

    /// The executable beside the test bundle.
    static let program: String = {
        // Scripts/test-arm64: the same tests with a program for another kind of computer.
        if let program = ProcessInfo.processInfo.environment["OBIS_TEST_PROGRAM"] { return program }
        let arguments = CommandLine.arguments
        if let index = arguments.firstIndex(of: "--test-bundle-path"), index + 1 < arguments.count {
            let folder = URL(fileURLWithPath: arguments[index + 1]).deletingLastPathComponent()
            return folder.appendingPathComponent("obis-bridge").path
        }
        return Bundle.main.bundleURL.appendingPathComponent("obis-bridge").path
    }()

    /// Starts it and waits until its subscriptions stand.
    ///
    /// - Parameters:
    ///   - environment: variables added to those of the tests.
    ///   - descriptors: how many files it may have open.
    ///   - log: where standard error goes; nil: into `log`.
    init(
        _ configuration: String, in directory: TemporaryDirectory? = nil, environment: [String: String] = [:],
        descriptors: Int? = nil, log: String? = nil, waitsForSubscription: Bool = true
    ) throws {
        self.directory = try directory ?? TemporaryDirectory()
        let path = try self.directory.write("bridge.yaml", configuration)
        let variables = environment.map { "\($0)=\($1)" }
        let limit = descriptors.map { ["prlimit", "--nofile=\($0)"] } ?? []
        let redirection = log.map { file in ["/bin/sh", "-c", "exec \"$0\" \"$@\" 2>\(file)"] } ?? []
        process = try ChildProcess(
            "/usr/bin/env", variables + limit + redirection + [Self.program, "run", "--config", path])
        if log == nil, waitsForSubscription, !process.wait(forLines: { $0.contains { $0.contains("subscribed to") } }) {
            throw SupportError("no subscription: \(self.log)")
        }
    }

    /// Where its configuration is: a word of its command line.
    var folder: String { directory.path }

    /// Writes another configuration into its file.
    func configure(_ configuration: String) throws { try directory.write("bridge.yaml", configuration) }

    var log: String { process.output.value.lines.joined(separator: "\n") }

    func wait(seconds: Double = 15, forLog text: String) -> Bool {
        process.wait(seconds: seconds) { $0.contains { $0.contains(text) } }
    }

    /// Ends it as systemd does; its exit code.
    func stop() -> Int32? {
        process.kill(SIGTERM)
        return process.wait()
    }
}

/// Messages of `mosquitto_sub` lines `topic payload`.
struct Received {
    let topic: String
    let payload: String

    init(_ line: String) {
        let end = line.firstIndex(of: " ") ?? line.endIndex
        topic = String(line[..<end])
        payload = String(line[end...].dropFirst())
    }

    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any]) ?? [:]
    }

    /// `1-0:1.7.0` to `42 W`, of a reading.
    var registers: [String: String] {
        (object["registers"] as? [String: [String: Any]] ?? [:]).mapValues { register in
            let value = register["value"].map { "\($0)" } ?? "list"
            return [value, register["unit"] as? String].compactMap(\.self).joined(separator: " ")
        }
    }

    /// The rules of the fixes.
    var rules: [String] { (object["fixes"] as? [[String: Any]] ?? []).compactMap { $0["rule"] as? String } }
}
