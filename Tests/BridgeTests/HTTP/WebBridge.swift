// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest

/// A running bridge that answers HTTP, with one meter.
final class WebBridge: Sendable {
    let port: Int
    let bridge: RunningBridge
    let broker: Int

    /// - Parameters:
    ///   - broker: the port of its broker.
    ///   - http: what its configuration says, where `PORT` is.
    ///   - more: further lines of its configuration.
    ///   - descriptors: how many files it may have open.
    ///   - folder: where its configuration is; nil for one that goes with it.
    init(
        broker: Int, http: String = "PORT", more: String = "", folder: TemporaryDirectory? = nil,
        descriptors: Int? = nil,
        waitsForSubscription: Bool = true
    ) throws {
        port = try freePort()
        self.broker = broker
        bridge = try RunningBridge(
            Self.configuration(broker: broker, http: http.replacing("PORT", with: "\(port)"), more: more), in: folder,
            descriptors: descriptors,
            waitsForSubscription: waitsForSubscription)
        if !bridge.wait(forLog: "http: answered on http://127.0.0.1:\(port)") {
            throw SupportError("it does not listen: \(bridge.log)")
        }
    }

    static func configuration(broker: Int, http: String, more: String = "") -> String {
        """
        bridge: test
        broker: mqtt://localhost:\(broker)
        zone: UTC
        http: \(http)
        sources: {g: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: house}}
        meters: {house: {name: Haus "Süd"}}
        \(more)
        """
    }

    func get(_ target: String, method: String = "GET") throws -> HTTPAnswer {
        try http(target, port: port, method: method)
    }

    /// The most physical memory that it ever had, in bytes.
    func highWaterMark() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(bridge.process.processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first) << 10
    }

    func object(_ target: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(get(target).body)) as? [String: Any])
    }

    /// Asks until the answer is as wanted.
    func wait(_ target: String, until predicate: (HTTPAnswer) -> Bool) throws -> HTTPAnswer {
        var answer = try get(target)
        for _ in 0..<300 where !predicate(answer) {
            Thread.sleep(forTimeInterval: 0.05)
            answer = try get(target)
        }
        return answer
    }

    /// What a reader sends; the bridge has seen it when this returns.
    func send(_ payload: String, topic: String = "tele/g/SENSOR") throws {
        try mosquittoPub(port: broker, topic: topic, payload: payload)
    }

    func meter(_ power: Int = 11) throws {
        try send("{\"z\":{\"Pi\":\(power),\"B1\":1.5}}")
        _ = try wait("/v1/meters/house") { $0.text.contains("\"value\":\(power),") }
    }

    /// The samples of `/metrics`: `name{labels}` and value.
    func metrics() throws -> [String: Double] {
        let lines = try get("/metrics").text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            lines.compactMap { line in
                line.lastIndex(of: " ").map {
                    (String(line[..<$0]), Double(line[line.index(after: $0)...]) ?? .nan)
                }
            }
        ) { first, _ in first }
    }
}
