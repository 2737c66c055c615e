// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import bridge

/// `obis-bridge check --connect` on brokers that let it do everything, or not.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct ConnectionCheckTests {
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
        #expect(output.contains("output: harmonized/v1/bridge/home/probe/1.0 can be written and read"))
        #expect(
            output.contains("source gplug: 2 messages on 1 topic; 1 reading of 1 meter; rejected: json.invalid 1"))
        #expect(output.contains("    meter 10000021"))
        #expect(output.contains("source collector: 1 message on 1 topic; 1 reading of 1 meter"))
        // Nothing but the probe is published.
        let published = Set(all.messages.map { Received($0).topic })
        #expect(
            published == [
                "harmonized/v1/bridge/home/probe/1.0", "tele/gPlug10/SENSOR",
                "smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P",
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
        ("5", "publication on harmonized/v1/bridge/other/probe/1.0 refused: not authorized"),
        (
            "3.1.1",
            "the probe on harmonized/v1/bridge/other/probe/1.0 did not come back: writing or reading there is forbidden"
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

    @Test func `a port of the web in place of the broker's is told to be no MQTT`() throws {
        // What nginx and others say to bytes that are no request.
        let page = "<html><body><center><h1>400 Bad Request</h1></center><hr></body></html>"
        let web = try ClosingServer(
            answer: "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n\(page)\r\n")
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            "bridge: other\nbroker: mqtt://127.0.0.1:\(web.port)\nzone: UTC\nsources: {g: {adapter: gplug}}\n")
        for command in [
            ["check", "--connect", "--config", "\(folder.path)/bridge.yaml"],
            ["discover", "--broker", "mqtt://127.0.0.1:\(web.port)", "--for", "2s"],
        ] {
            let process = try ChildProcess(RunningBridge.program, command)
            #expect(process.wait(seconds: 60) == 69)
            let output = process.output.value.lines.joined(separator: "\n")
            #expect(output.contains("127.0.0.1:\(web.port) lost: the answer is not MQTT"), "\(output)")
        }
    }

    private func check(_ broker: MosquittoBroker, sources: String, payload: String, on topic: String?) throws -> (
        code: Int32?, output: String
    ) {
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml", "bridge: home\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\nsources: {\(sources)}\n")
        let process = try ChildProcess(
            RunningBridge.program, ["check", "--connect", "--for", "2s", "--config", "\(folder.path)/bridge.yaml"])
        #expect(process.wait { $0.contains { $0.hasPrefix("Listening for") } })
        if let topic { try mosquittoPub(port: broker.port, topic: topic, payload: payload) }
        return (process.wait(seconds: 60), process.output.value.lines.joined(separator: "\n"))
    }

    @Test func `an adapter that reads nothing of what comes is a fault, and the one that fits is named`() throws {
        let broker = try MosquittoBroker()
        let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"
        let wrong = try check(
            broker, sources: "p1: {adapter: dsmr-reader, subscribe: dsmr/raw}", payload: telegram, on: "dsmr/raw")
        #expect(wrong.code == 1)
        #expect(
            wrong.output.contains("fault: source p1: 1 message on 1 topic; 0 readings of 0 meters;"), "\(wrong.output)")
        #expect(wrong.output.contains(#"looks like the adapter p1: write "adapter: p1""#), "\(wrong.output)")
        let right = try check(
            broker, sources: "p1: {adapter: p1, subscribe: dsmr/raw}", payload: telegram, on: "dsmr/raw")
        #expect(right.code == 0, "\(right.output)")
    }

    @Test(arguments: [("telegram", 0), ("404", 1), ("json", 1), ("dead", 1)])
    func `a source by HTTP is asked once and judged`(kind: String, code: Int32) throws {
        let broker = try MosquittoBroker()
        let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"
        let server = try FakeHTTPServer { _, send in
            switch kind {
            case "404": send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            case "json": send(FakeHTTPServer.ok(#"{"power":1}"#))
            default: send(FakeHTTPServer.ok(telegram))
            }
        }
        let port = kind == "dead" ? try freePort() : server.port
        let result = try check(
            broker, sources: "meter: {adapter: p1, http: \"http://127.0.0.1:\(port)/api\"}", payload: "", on: nil)
        #expect(result.code == code, "\(result.output)")
        let place = "http://127.0.0.1:\(port)/api"
        switch kind {
        case "telegram": #expect(result.output.contains("source meter: 1 message on 1 topic; 1 reading of 1 meter"))
        case "404": #expect(result.output.contains("fault: source meter: \(place): the answer is 404"))
        case "json": #expect(result.output.contains("fault: source meter: 1 message on 1 topic; 0 readings"))
        default: #expect(result.output.contains("fault: source meter: \(place): the connection is refused"))
        }
        if kind != "dead" { #expect(server.requests.value.count == 1) }
    }

    @Test func `a source whose topics another one takes is told which`() throws {
        let broker = try MosquittoBroker()
        let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"
        let result = try check(
            broker,
            sources: "one: {adapter: p1, subscribe: dsmr/raw}, two: {adapter: dsmr-reader, subscribe: dsmr/raw}",
            payload: telegram, on: "dsmr/raw")
        #expect(result.code == 1)
        #expect(
            result.output.contains("source two: nothing on dsmr/raw in 2 s: the source one reads these topics"),
            "\(result.output)")
    }

    @Test(arguments: [(1, true), (0, false)])
    func `a zone that the reader's clock does not show is told with one that fits`(hours: Int, isTold: Bool) throws {
        let broker = try MosquittoBroker()
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "Europe/London")
        formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
        let time = formatter.string(from: Date(timeIntervalSinceNow: Double(hours) * 3600))
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            "bridge: home\nbroker: mqtt://localhost:\(broker.port)\nzone: Europe/London\n"
                + "sources: {gplug: {adapter: gplug, labels: gplug-d}}\n")
        let process = try ChildProcess(
            RunningBridge.program, ["check", "--connect", "--for", "2s", "--config", "\(folder.path)/bridge.yaml"])
        #expect(process.wait { $0.contains { $0.hasPrefix("Listening for") } })
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug10/SENSOR",
            payload: #"{"Time":"\#(time)","z":{"Pi":0.412,"V1":231.2}}"#)
        #expect(process.wait(seconds: 60) == 0)
        let told = "    warning: its clock is 1 h ahead of Europe/London: set \"zone\", Europe/Zurich fits"
        #expect(process.output.value.lines.contains(told) == isTold, "\(process.output.value.lines)")
    }
}
