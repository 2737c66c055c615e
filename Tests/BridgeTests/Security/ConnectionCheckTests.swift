// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import bridge

/// `obis-bridge check --connect` on brokers that let it do everything, or not.
@Suite(.timeLimit(.minutes(5 * Patience.factor))) struct ConnectionCheckTests {
    private func check(
        _ broker: MosquittoBroker, bridge: String = "home", version: String = "5", user: String = "obis-bridge",
        password: String? = nil, span: String = "4s", while act: () throws -> Void = {}
    ) throws -> (code: Int32?, output: String) {
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            """
            bridge: \(bridge)
            broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version), username: \(user), password: \(password ?? "secret-\(user)")}
            zone: UTC
            sources:
              gplug: {adapter: gplug, labels: gplug-d}
              collector: {adapter: smartmeter-datacollector, subscribe: smartmeter/#}
            """)
        let process = try ChildProcess(
            RunningBridge.program, ["check", "--connect", "--for", span, "--config", "\(folder.path)/bridge.yaml"])
        if process.wait(forLines: { $0.contains { $0.hasPrefix("Listening for") } }) { try act() }
        let code = process.wait(seconds: 60)
        return (code, process.output.value.lines.joined(separator: "\n"))
    }

    private func publish(_ broker: MosquittoBroker) throws {
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":{"SMid":"3130303030303231","Pi":0.412}}"#,
            arguments: AccessTests.login("gplug10"))
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":"#,
            arguments: AccessTests.login("gplug10"))
        try mosquittoPub(
            port: broker.port, topic: "smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P", payload: #"{"value": 888343.0}"#,
            arguments: AccessTests.login("collector"))
    }

    @Test(arguments: ["5", "3.1.1"]) func `what comes is reported by source`(version: String) throws {
        let broker = try AccessTests.broker()
        let all = try MosquittoSub(port: broker.port, topics: ["#"], arguments: AccessTests.login("admin"))
        let (code, output) = try check(broker, version: version) { try publish(broker) }
        #expect(code == 0, "\(output)")
        #expect(output.contains("input: connected to localhost:\(broker.port) as \"obis-bridge\""), "\(output)")
        #expect(output.contains("output: harmonized/v1/bridge/home/probe can be written and read"))
        #expect(
            output.contains("source gplug: 2 messages on 1 topic; 1 reading of 1 meter; rejected: json.invalid 1"))
        #expect(output.contains("    meter 10000021"))
        #expect(output.contains("source collector: 1 message on 1 topic; 1 reading of 1 meter"))
        // Nothing but the probe is published.
        let published = Set(all.messages.map { Received($0).topic })
        #expect(
            published == [
                "harmonized/v1/bridge/home/probe", "tele/gPlug10/SENSOR", "smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P",
            ])
    }

    @Test func `a source that is silent is a fault, and says that a forbidden topic is silent`() throws {
        let broker = try AccessTests.broker()
        let (code, output) = try check(broker, span: "1s")
        #expect(code == 1)
        #expect(
            output.contains(
                "fault: source collector: nothing on smartmeter/# in 1 s; does the reader send, is the topic right, "
                    + "and may \"obis-bridge\" read it? A forbidden topic is silent."), "\(output)")
    }

    @Test(arguments: [
        ("5", "publication on harmonized/v1/bridge/other/probe refused: not authorized"),
        (
            "3.1.1",
            "the probe on harmonized/v1/bridge/other/probe did not come back: writing or reading there is forbidden"
        ),
    ]) func `an output that is forbidden is told on both versions`(version: String, sentence: String) throws {
        let broker = try AccessTests.broker()
        let (code, output) = try check(broker, bridge: "other", version: version, span: "1s")
        #expect(code == 1)
        #expect(output.contains(sentence), "\(output)")
    }

    /// A container's zone is UTC; its readers' is not.
    @Test(arguments: [(1, true), (0, false)])
    func `local time on a host in UTC is told as run tells it`(hours: Int, isTold: Bool) throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            "bridge: home\nbroker: mqtt://localhost:\(broker.port)\nsources: {gplug: {adapter: gplug, labels: gplug-d}}\n"
        )
        let process = try ChildProcess(
            "/usr/bin/env",
            [
                "TZ=UTC", RunningBridge.program, "check", "--connect", "--for", "4s", "--config",
                "\(folder.path)/bridge.yaml",
            ])
        #expect(process.wait { $0.contains { $0.hasPrefix("Listening for") } })
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: hours * 3600)
        formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug10/SENSOR",
            payload: #"{"Time":"\#(formatter.string(from: Date()))","z":{"Pi":0.412}}"#)
        #expect(process.wait(seconds: 60) == 0)
        let hint = "    warning: this host's zone is UTC but gplug sends local time, +1:00 h: set zone: "
        let lines = process.output.value.lines
        #expect(lines.contains { $0.hasPrefix(hint) } == isTold, "\(lines)")
    }

    @Test func `a wrong password is exit code 69 and names the line, not the password`() throws {
        let broker = try AccessTests.broker()
        let (code, output) = try check(broker, password: "top-secret-word")
        #expect(code == 69)
        #expect(output.contains("not authorised as \"obis-bridge\": check password ("), "\(output)")
        #expect(!output.contains("top-secret-word"))
    }
}
