// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

/// The bridge may be restarted between any two messages.
@Suite struct RestartTests {
    private static let messages: [String] = (0..<60).map { step in
        let power = step % 7 == 0 ? "" : "1-0:1.7.0=\(step % 5)W 1-0:2.7.0=\(step % 3)W"
        let gas = step % 6 == 0 ? " gas=1 0-1:24.2.1=\(step / 6 + 1)m3@\(1_795_217_228 + step / 6 * 60)" : ""
        // One late message, and some without a time.
        let time = step == 23 ? 1_795_217_228 + 100 : 1_795_217_228 + step * 10
        return "id=LGZ1 \(step % 10 == 4 ? "" : "t=\(time) ")\(power) 1-0:1.8.0=\(9000 + step / 4)kWh\(gas)"
    }

    private func run(restartBefore stop: Int?) throws -> [Publication] {
        var pipeline = try TestPipeline([TestPipeline.source()])
        var kept: [String: Publication] = [:]
        var all: [Publication] = []
        for (step, message) in Self.messages.enumerated() {
            if step == stop {
                let now = pipeline.now
                pipeline = try TestPipeline([TestPipeline.source()])
                pipeline.now = now
                for publication in kept.values {
                    _ = pipeline.pipeline.restore(
                        RawMessage(
                            topic: publication.topic, payload: publication.payload, isRetained: true, received: now))
                }
                pipeline.pipeline.connected(at: now + .seconds(9), isResumed: true)
            }
            let out = pipeline.send("in/a", message, after: 10_000)
            for publication in out where publication.isRetained { kept[publication.topic] = publication }
            all += out
        }
        return all
    }

    private func publications(_ all: [Publication], _ suffix: String) -> [String] {
        all.filter { $0.topic.hasSuffix(suffix) }.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test func `a restart at any message changes no reading, no state and no value`() throws {
        let whole = try run(restartBefore: nil)
        for stop in 1..<Self.messages.count {
            let broken = try run(restartBefore: stop)
            #expect(publications(broken, "/reading") == publications(whole, "/reading"), "before message \(stop)")
            #expect(publications(broken, "/state") == publications(whole, "/state"), "before message \(stop)")
            #expect(
                Set(publications(broken, "/obis/1-0:1.8.0")) == Set(publications(whole, "/obis/1-0:1.8.0")),
                "before message \(stop)")
        }
    }
}
