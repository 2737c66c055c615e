// SPDX-License-Identifier: Apache-2.0
import Foundation
import MQTT
import TestSupport

/// Two brokers behind proxies that misbehave, a bridge, and numbered messages of some meters.
final class MisbehaviourRun {
    /// A number that a message of a meter has, on its way in and on each of the two topics that it comes out on.
    ///
    /// As one number, so that the proxies can keep it: topic, meter, number.
    struct Key {
        var isValue: Bool
        var meter: Int
        var number: Int

        var code: Int { ((isValue ? 1 : 0) * 10 + meter) * 1_000_000_000 + number }
        var topic: String { "harmonized/v1/meter/m\(meter)/" + (isValue ? "obis/1-0:1.7.0" : "reading") }

        /// Of an input message, a reading or a state, a value, or a dead letter of one of these.
        init?(topic: String, payload: String) {
            func number(_ text: String, behind marks: String...) -> Int? {
                var rest = text[...]
                for mark in marks {
                    guard let range = rest.range(of: mark) else { return nil }
                    rest = rest[range.upperBound...]
                }
                return Int(rest.drop { !$0.isNumber }.prefix { $0.isNumber })
            }
            let isDeadLetter = topic.hasSuffix("/reject")
            let origin = isDeadLetter ? payload : topic
            isValue = origin.contains("/obis/1-0:1.7.0")
            let isIncoming = topic.hasPrefix("tele/")
            guard let meter = number(origin, behind: isIncoming ? "tele/m" : "/meter/m"), meter < 10 else { return nil }
            self.meter = meter
            let found =
                if isIncoming {
                    number(payload, behind: "\"Pi\":")
                } else if isValue {
                    isDeadLetter ? number(payload, behind: "\"payload\":\"") : Int(payload)
                } else if origin.contains("/reading") || origin.hasSuffix("/state") {
                    number(payload, behind: "1-0:1.7.0", "value")
                } else {
                    Int?.none
                }
            guard let found else { return nil }
            self.number = found
        }

        /// A line `topic payload`.
        init?(line: String) {
            let received = Received(line)
            self.init(topic: received.topic, payload: received.payload)
        }
    }

    /// What came out.
    struct Tally: Sendable {
        var seen: Set<Int> = []
        var rejected: Set<Int> = []
        var duplicates = 0
        /// Numbers that came for the first time behind a larger one of the same topic.
        var late = 0
        /// Behind a late one those that had overtaken it come again: these have not.
        var owed: Set<Int> = []
        var largest: [Int: Int] = [:]
        var last: [String: Int] = [:]
        /// How many have come out or are dead letters.
        var outcomes: Int { seen.count + rejected.count { !seen.contains($0) } }

        mutating func note(_ key: Key) {
            let (code, base) = (key.code, key.code - key.number)
            last[key.topic] = key.number
            owed.remove(code)
            guard seen.insert(code).inserted else {
                duplicates += 1
                return
            }
            let largest = largest[base] ?? 0
            if key.number < largest {
                late += 1
                owed.formUnion((key.number + 1...largest).map { base + $0 }.filter(seen.contains))
            }
            self.largest[base] = max(largest, key.number)
        }

        mutating func reject(_ key: Key) {
            rejected.insert(key.code)
            owed.remove(key.code)
        }
    }

    static let meters = 4

    /// Numbers that were published for each meter.
    private(set) var count = 0
    private let episode: MisbehaviourEpisode
    private let input: MosquittoBroker
    private let output: MosquittoBroker
    private let inputProxy: UnrulyProxy
    private let outputProxy: UnrulyProxy
    private let bridge: RunningBridge
    private let sink: ChildProcess
    private let results = Monitor(Tally())

    init(_ episode: MisbehaviourEpisode) throws {
        self.episode = episode
        let options = MosquittoBroker.Options(lines: ["max_queued_messages 1000000"])
        input = try MosquittoBroker(options)
        output = try MosquittoBroker(options)
        // Two seconds between two deeds, more than a new connection takes.
        let key: @Sendable (String, String) -> Int? = { Key(topic: $0, payload: $1)?.code }
        let outputProxy = try UnrulyProxy(to: output.port, seed: episode.seed, gap: 0.3...4, key: key)
        self.outputProxy = outputProxy
        inputProxy = try UnrulyProxy(to: input.port, seed: ~episode.seed, gap: 0.5...6, key: key) { code in
            // Both that come of it were taken, were it as dead letters.
            outputProxy.hasTaken(code) && outputProxy.hasTaken(code + 10_000_000_000)
        }
        let results = results
        sink = try ChildProcess(
            "mosquitto_sub",
            [
                "-h", "localhost", "-p", "\(output.port)", "-V", "5", "-i", "sink", "-c", "-x", "3600", "-q", "1",
                "-D", "connect", "receive-maximum", "10000", "-F", "%t %p", "-t", "harmonized/v1/meter/+/reading",
                "-t", "harmonized/v1/meter/+/obis/1-0:1.7.0", "-t", "harmonized/v1/bridge/unruly/reject",
            ]
        ) { lines in
            results.withLock { tally in
                for line in lines {
                    guard let key = Key(line: line) else { continue }
                    if line.hasPrefix("harmonized/v1/bridge/") { tally.reject(key) } else { tally.note(key) }
                }
            }
        }
        bridge = try RunningBridge(
            """
            bridge: unruly
            broker: {url: "mqtt://localhost:\(inputProxy.port)", protocol: \(episode.version), keepalive: 5}
            output_broker: {url: "mqtt://localhost:\(outputProxy.port)", protocol: \(episode.version), keepalive: 5}
            zone: UTC
            history: off
            sources:
            """
                + (1...Self.meters).map {
                    "\n  m\($0): {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/m\($0)/SENSOR, meter: m\($0)}"
                }.joined(), waitsForSubscription: false)
        guard bridge.wait(seconds: 120, forLog: "subscribed to") else { throw SupportError("no subscription: \(log)") }
    }

    var log: String { bridge.log }
    var hasEnded: Bool { bridge.process.output.value.exitCode != nil }
    var tally: Tally { results.value }
    var connections: Int { inputProxy.notes.connections + outputProxy.notes.connections }
    var violations: [String] { inputProxy.notes.violations + outputProxy.notes.violations }
    var deeds: [UnrulyProxy.Deed: Int] { inputProxy.notes.deeds.merging(outputProxy.notes.deeds, uniquingKeysWith: +) }

    /// What became of no message: neither came out nor is a dead letter.
    var missing: [String] { Self.missing(tally, count) }

    private static func missing(_ tally: Tally, _ count: Int) -> [String] {
        guard count > 0 else { return [] }
        return [false, true].flatMap { isValue in
            (1...meters).flatMap { meter in
                (1...count).compactMap { number in
                    let code = Key(isValue: isValue, meter: meter, number: number).code
                    return tally.seen.contains(code) || tally.rejected.contains(code)
                        ? nil : "\(isValue ? "value" : "reading") \(number) of m\(meter)"
                }
            }
        }
    }

    /// Publishes, to the broker itself, until the time of the episode is over: in bursts, so that many are on their way at once, and never
    /// more than the bridge keeps up with.
    func publish() {
        let end = ContinuousClock.now + .seconds(episode.seconds)
        while ContinuousClock.now < end {
            for _ in 0..<15 { publishOnce() }
            usleep(1_500_000)
        }
    }

    /// One more of each meter, each until it is acknowledged.
    private func publishOnce() {
        count += 1
        for meter in 1...Self.meters {
            let payload = "{\"Time\":\"2026-11-20T22:40:00\",\"z\":{\"Pi\":\(count)}}"
            while true {
                do throws(MQTTError) {
                    if source == nil {
                        let new = OneShotClient(
                            broker: BrokerSettings(host: "localhost", port: input.port), clientIDPrefix: "meter")
                        try new.connect(timeout: .seconds(5))
                        source = new
                    }
                    try source?.publish(
                        MQTTMessage(topic: "tele/m\(meter)/SENSOR", text: payload), timeout: .seconds(5))
                    break
                } catch {
                    source = nil
                }
            }
        }
    }
    private var source: OneShotClient?

    /// The brokers do their duty from now on.
    func behave() {
        inputProxy.behave()
        outputProxy.behave()
    }

    /// True when everything came out; false when nothing new has for a minute.
    func awaitAll() -> Bool {
        var seen = -1
        while tally.seen.count > seen {
            seen = tally.seen.count
            let expected = count * Self.meters * 2
            if results.wait(seconds: 60, until: { $0.outcomes >= expected }) { return true }
        }
        return missing.isEmpty
    }

    /// One more of each meter, with nothing in its way: what came last on each topic and what the broker has retained is it, and nothing
    /// older.
    func endings() throws -> (expected: [String: Int], seen: [String: Int], retained: [Int]) {
        publishOnce()
        let keys = [false, true].flatMap { isValue in
            (1...Self.meters).map { Key(isValue: isValue, meter: $0, number: count) }
        }
        let expected = Dictionary(uniqueKeysWithValues: keys.map { ($0.topic, $0.number) })
        _ = results.wait(seconds: 60) { $0.last == expected }
        // The state is published behind reading and values.
        var retained: [Int] = []
        for _ in 0..<20 where retained != Array(repeating: count, count: Self.meters) {
            let late = try MosquittoSub(port: output.port, topics: ["harmonized/v1/meter/+/state"])
            _ = late.wait { $0.count >= Self.meters }
            retained = late.messages.compactMap { Key(line: $0)?.number }
        }
        return (expected, tally.last, retained)
    }
}

extension MisbehaviourRun.Key {
    init(isValue: Bool, meter: Int, number: Int) {
        self.isValue = isValue
        self.meter = meter
        self.number = number
    }
}
