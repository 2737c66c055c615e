// SPDX-License-Identifier: Apache-2.0
import Foundation
import History
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime
@testable import Harmonizer
@testable import PlugTest

/// Readings as InfluxDB's line protocol.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct InfluxTests {
    private static let server = "/usr/bin/influxd"

    // MARK: - Lines

    private func lines(_ reading: HistoryReading, measurement: String = "meter") -> String {
        InfluxLines(measurement: measurement) { $0 == OBISCode(1, 0, 1, 8, 0) ? "energy_import" : nil }.lines(reading)
    }

    private func register(_ obis: OBISCode, _ value: RegisterValue.Value, time: Int64? = nil) -> RegisterValue {
        RegisterValue(obis: obis, value: value, unit: nil, time: time.map { Timestamp(seconds: $0) })
    }

    @Test func `a line has a field for each number, by alias or code, and one time`() {
        let reading = HistoryReading(
            meter: "house", time: Timestamp(seconds: 1_780_000_000, microseconds: 412_000, fractionDigits: 3),
            registers: [
                register(OBISCode(1, 0, 1, 8, 0), .number(ExactDecimal(51_234, exponent: -1))),
                register(OBISCode(1, 0, 1, 7, 0), .number(ExactDecimal(-42))),
                register(OBISCode(0, 0, 96, 1, 0), .text("ISK 1")),
            ])
        #expect(lines(reading) == "meter,meter=house energy_import=5123.4,1-0:1.7.0=-42 1780000000412\n")
    }

    @Test func `a register with a time of its own has a line of its own`() {
        let reading = HistoryReading(
            meter: "house", time: Timestamp(seconds: 200),
            registers: [
                register(OBISCode(0, 1, 24, 2, 1), .number(ExactDecimal(5)), time: 100),
                register(OBISCode(1, 0, 1, 7, 0), .number(ExactDecimal(7))),
            ])
        #expect(lines(reading) == "meter,meter=house 0-1:24.2.1=5 100000\nmeter,meter=house 1-0:1.7.0=7 200000\n")
    }

    @Test func `nothing in a name begins another field, tag or line`() {
        let reading = HistoryReading(
            meter: "a,b=c d\ne", time: Timestamp(seconds: 1),
            registers: [register(OBISCode(1, 0, 1, 7, 0), .number(ExactDecimal(7)))])
        #expect(lines(reading, measurement: "my meters") == "my\\ meters,meter=a\\,b\\=c\\ de 1-0:1.7.0=7 1000\n")
        #expect(lines(HistoryReading(meter: "x", time: Timestamp(seconds: 1), registers: [])).isEmpty)
    }

    // MARK: - Configuration

    private func load(_ influx: String) -> (settings: InfluxSettings?, problems: [String]) {
        let loader = ConfigurationLoader(environment: [:])
        let loaded = loader.load(
            "broker: mqtt://localhost\nzone: UTC\nsources: {g: {adapter: gplug}}\ninflux: \(influx)\n",
            file: "bridge.yaml")
        return (loaded?.influx, loader.problems.sorted.filter { !$0.isWarning }.map(\.description))
    }

    @Test func `a database is InfluxDB 1, a bucket InfluxDB 2`() throws {
        let one = try #require(load("{url: http://nas:8086, database: meters, username: u, password: p}").settings)
        #expect(one.url.absoluteString == "http://nas:8086/write?db=meters&precision=ms")
        #expect(one.headers["Authorization"] == "Basic dTpw" && one.place == "http://nas:8086/write")
        let two = try #require(load("{url: 'https://nas/', org: My Home, bucket: m, token: t, meters: house}").settings)
        #expect(two.url.absoluteString == "https://nas//api/v2/write?org=My%20Home&bucket=m&precision=ms")
        #expect(two.headers["Authorization"] == "Token t" && two.meters == ["house"])
    }

    @Test(arguments: [
        ("{database: x}", "bridge.yaml:4:9: error: \"influx\" needs a \"url\": http://HOST:8086"),
        (
            "{url: 'http://nas:8086'}",
            "bridge.yaml:4:9: error: \"influx\" needs a \"database\" (InfluxDB 1), or a \"bucket\" with \"org\" (InfluxDB 2), one of them"
        ),
        (
            "{url: 'http://nas:8086', db: x}",
            "bridge.yaml:4:34: error: unknown key \"db\" in \"influx\", did you mean \"database\"?"
        ),
    ]) func `a mistake is told with its place`(text: String, problem: String) {
        #expect(load(text).problems.contains(problem), "\(load(text).problems)")
    }

    // MARK: - The program

    private func send(_ bridge: RunningBridge, _ broker: Int, _ power: Int) throws {
        try mosquittoPub(port: broker, topic: "tele/g/SENSOR", payload: "{\"z\":{\"Pi\":\(power),\"B1\":1.5}}")
    }

    private func configuration(broker: Int, url: String) -> String {
        """
        bridge: test
        broker: mqtt://localhost:\(broker)
        zone: UTC
        sources: {g: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: house}}
        influx: {url: "\(url)", database: meters}
        """
    }

    @Test func `what was published is posted, and the last of it at the end`() async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let server = try FakeHTTPServer { _, send in
                send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            }
            let bridge = try RunningBridge(
                configuration(broker: broker.port, url: "http://127.0.0.1:\(server.port)"))
            try send(bridge, broker.port, 41)
            #expect(bridge.wait(forLog: "meter house"), "\(bridge.log)")
            #expect(bridge.stop() == 0)
            let requests = server.requests.withLock { $0 }
            #expect(requests.first?.hasPrefix("POST /write?db=meters&precision=ms HTTP/1.1") == true, "\(requests)")
            #expect(!bridge.log.contains("warning: influx"), "\(bridge.log)")
        }
    }

    /// Debian's package `influxdb`.
    @Test(.enabled(if: access(server, X_OK) == 0))
    func `a real InfluxDB has what was published, while it was away too`() async throws {
        try await onOwnThread {
            let folder = try TemporaryDirectory()
            let (port, control) = (try freePort(), try freePort())
            let configuration = try folder.write(
                "influxdb.conf",
                """
                reporting-disabled = true
                bind-address = "127.0.0.1:\(control)"
                [meta]
                dir = "\(folder.path)/meta"
                [data]
                dir = "\(folder.path)/data"
                wal-dir = "\(folder.path)/wal"
                [http]
                bind-address = "127.0.0.1:\(port)"
                """)
            let broker = try MosquittoBroker()
            let bridge = try RunningBridge(
                self.configuration(broker: broker.port, url: "http://127.0.0.1:\(port)"))
            // Nobody listens yet: what is sent now waits.
            try send(bridge, broker.port, 41)
            #expect(
                bridge.wait(seconds: 40, forLog: "influx: http://127.0.0.1:\(port)/write: the connection is refused"))
            let server = try ChildProcess(Self.server, ["-config", configuration])
            defer { server.kill(SIGKILL) }
            func ask(_ query: String) throws -> String {
                let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                return try http(
                    "/query?db=meters&q=\(text)", port: port, method: query.hasPrefix("CREATE") ? "POST" : "GET"
                ).text
            }
            let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/house/reading"])
            var isThere = false
            for _ in 0..<200 where !isThere {
                isThere = (try? ask("CREATE DATABASE meters")) != nil
                if !isThere { Thread.sleep(forTimeInterval: 0.1) }
            }
            #expect(isThere)
            try send(bridge, broker.port, 43)
            #expect(output.wait { $0.contains { $0.contains("\"value\":43") } })
            #expect(bridge.stop() == 0)
            let answer = try ask("SELECT max(power_import), count(power_import) FROM meter WHERE meter = 'house'")
            #expect(answer.contains(",43,2]"), "\(answer)\n\(bridge.log)")
            print("history: InfluxDB answers \(answer.split(separator: "\r\n").dropFirst().first ?? "nothing")")
        }
    }
}
