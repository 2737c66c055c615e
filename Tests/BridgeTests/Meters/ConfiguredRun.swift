// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

@testable import BridgeConfiguration
@testable import PlugTest

/// The pipeline of a `bridge.yaml`, with a clock of its own and a broker that keeps what is retained: it can be restarted and
/// reloaded between any two messages.
struct ConfiguredRun {
    private(set) var pipeline: Pipeline
    private(set) var now: Timestamp
    private var settings: Pipeline.Settings
    private var retained: [String: Publication] = [:]
    /// The texts that the broker keeps, by topic.
    var kept: [String: String] { retained.mapValues { String(decoding: $0.payload, as: UTF8.self) } }
    /// What was published, in its order.
    private(set) var published: [Publication] = []

    /// Noon of a winter day.
    static let start = Timestamp(seconds: 1_795_176_000, microseconds: 0, fractionDigits: 3)

    struct Mistake: Error, CustomStringConvertible { var description: String }

    init(_ yaml: String, at start: Timestamp = start, in folder: String = "/") throws {
        self.init(try Self.settings(yaml, in: folder), at: start)
    }

    init(_ settings: Pipeline.Settings, at start: Timestamp = start) {
        self.settings = settings
        pipeline = Pipeline(settings)
        now = start
    }

    /// - Parameter folder: what the names of other files are relative to.
    static func settings(_ yaml: String, in folder: String = "/") throws -> Pipeline.Settings {
        let loader = ConfigurationLoader(environment: [:])
        guard let configuration = loader.load("bridge: test\n" + yaml, file: folder + "/bridge.yaml") else {
            throw Mistake(description: loader.problems.sorted.map { "\($0)" }.joined(separator: "\n"))
        }
        return configuration.pipelineSettings
    }

    @discardableResult mutating func send(
        _ topic: String, _ payload: [UInt8], after milliseconds: Int64 = 0
    ) -> [Publication] {
        let waited = wait(milliseconds)
        return waited + keep(pipeline.handle(RawMessage(topic: topic, payload: payload, received: now)))
    }

    @discardableResult mutating func send(
        _ topic: String, _ payload: String, after milliseconds: Int64 = 0
    ) -> [Publication] {
        send(topic, Array(payload.utf8), after: milliseconds)
    }

    /// Lets time pass, with everything that falls due on the way.
    @discardableResult mutating func wait(_ milliseconds: Int64) -> [Publication] {
        let moment = now + .milliseconds(milliseconds)
        defer { now = moment }
        return keep(pipeline.pass(from: now, to: moment))
    }

    /// The same, with a look at the clock only where something falls due: for thousands of runs.
    @discardableResult mutating func jump(_ milliseconds: Int64) -> [Publication] {
        let moment = now + .milliseconds(milliseconds)
        var publications: [Publication] = []
        while let deadline = pipeline.nextDeadline, deadline > now, deadline < moment {
            now = deadline
            publications += keep(pipeline.advance(to: now))
        }
        now = moment
        return publications + keep(pipeline.advance(to: now))
    }

    @discardableResult mutating func flush() -> [Publication] { keep(pipeline.flush(at: now)) }

    /// What the bridge says of itself, with everything that differs from run to run fixed.
    @discardableResult mutating func health() -> [Publication] {
        keep(pipeline.health(ProcessFacts(uptime: .zero, memory: nil, earlier: nil), at: now).map { [$0] } ?? [])
    }

    /// Ends the bridge and starts it again, with another configuration or the same: all that it knows is what the broker kept.
    @discardableResult mutating func restart(_ new: Pipeline.Settings? = nil) -> [Publication] {
        let last = keep(pipeline.flush(at: now))
        settings = new ?? settings
        pipeline = Pipeline(settings)
        for topic in retained.keys.sorted() {
            guard let kept = retained[topic] else { continue }
            pipeline.restore(RawMessage(topic: topic, payload: kept.payload, isRetained: true, received: now))
        }
        return last + keep(pipeline.finishRestoring())
    }

    @discardableResult mutating func reload(_ new: Pipeline.Settings? = nil) -> [Publication] {
        settings = new ?? settings
        return keep(pipeline.reload(settings, at: now))
    }

    private mutating func keep(_ publications: [Publication]) -> [Publication] {
        published += publications
        for publication in publications where publication.isRetained {
            retained[publication.topic] = publication.payload.isEmpty ? nil : publication
        }
        return publications
    }
}

extension [Publication] {
    /// The payloads on the topics with this ending.
    func texts(_ ending: String) -> [String] {
        filter { $0.topic.hasSuffix(ending) }.map { String(decoding: $0.payload, as: UTF8.self) }
    }
}
