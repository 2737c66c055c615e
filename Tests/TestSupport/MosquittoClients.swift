// SPDX-License-Identifier: Apache-2.0
// The clients use the system's libmosquitto, whatever version the tests use.

/// Runs `mosquitto_pub` and waits for its end; the default is QoS 1.
///
/// - Parameter arguments: more options, such as `-u`, `-V mqttv311`, `--cafile`.
public func mosquittoPub(
    port: Int, topic: String, payload: String, qos: Int = 1, retain: Bool = false, arguments: [String] = []
) throws {
    try run(port: port, ["-t", topic, "-q", "\(qos)", "-m", payload] + (retain ? ["-r"] : []) + arguments, input: nil)
}

/// Publishes every line as a message, over one connection of `mosquitto_pub -l`.
public func mosquittoPub(
    port: Int, topic: String, lines: [String], qos: Int = 1, arguments: [String] = []
) throws {
    let input = Array(lines.map { $0 + "\n" }.joined().utf8)
    try run(port: port, ["-t", topic, "-q", "\(qos)", "-l"] + arguments, input: input)
}

private func run(port: Int, _ arguments: [String], input: [UInt8]?) throws {
    let process = try ChildProcess(
        "env", ["-u", "LD_LIBRARY_PATH", "mosquitto_pub", "-h", "localhost", "-p", "\(port)"] + arguments, input: input)
    guard let code = process.wait(seconds: 30), code == 0 else {
        throw SupportError("mosquitto_pub: \(process.output.value.lines.joined(separator: "\n"))")
    }
}

/// A running `mosquitto_sub`; each message is a line `topic payload`.
public final class MosquittoSub: Sendable {
    private let process: ChildProcess

    /// Subscribes, and returns when the subscription is active.
    public init(
        port: Int, topics: [String] = ["#"], qos: Int = 1, format: String = "%t %p", arguments: [String] = []
    ) throws {
        let filters = topics.flatMap { ["-t", $0] }
        // stdbuf, because the SUBACK line would stay in stdio's buffer.
        process = try ChildProcess(
            "env",
            [
                "-u", "LD_LIBRARY_PATH", "stdbuf", "-oL", "mosquitto_sub", "-h", "localhost", "-p", "\(port)", "-q",
                "\(qos)", "-d", "-F", "> \(format)",
            ]
                + filters + arguments)
        guard process.wait(forLines: { $0.contains { $0.hasPrefix("Subscribed") } }) else {
            throw SupportError("mosquitto_sub: \(process.output.value.lines.joined(separator: "\n"))")
        }
    }

    /// The messages so far.
    public var messages: [String] { Self.messages(process.output.value.lines) }

    /// Waits until the messages satisfy the predicate.
    public func wait(seconds: Double = 15, until predicate: ([String]) -> Bool) -> Bool {
        process.wait(seconds: seconds) { predicate(Self.messages($0)) }
    }

    private static func messages(_ lines: [String]) -> [String] {
        // The other lines are the client's own; -d prints them so that SUBACK is visible.
        lines.filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) }
    }
}
