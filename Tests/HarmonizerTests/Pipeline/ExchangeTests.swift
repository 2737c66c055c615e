// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Meters that are exchanged, readers that lose an id, and ids that two meters share.
@Suite struct ExchangeTests {
    private func send(
        _ pipeline: inout TestPipeline, _ topic: String, _ words: String, every milliseconds: Int64 = 10_000
    ) -> [Publication] {
        let time = (pipeline.now + .milliseconds(milliseconds)).seconds
        return pipeline.send(topic, "t=\(time) \(words)", after: milliseconds)
    }

    private func restarted(_ pipeline: TestPipeline, kept: [String: Publication], _ sources: [Source]) throws
        -> TestPipeline
    {
        var second = try TestPipeline(sources)
        second.now = pipeline.now
        for publication in kept.values {
            _ = second.pipeline.restore(
                RawMessage(
                    topic: publication.topic, payload: publication.payload, isRetained: true, received: second.now))
        }
        return second
    }

    // MARK: - Exchange

    @Test func `another serial behind a pinned meter is another meter`() throws {
        let sources = [TestPipeline.source(meter: "haus")]
        var pipeline = try TestPipeline(sources)
        var kept: [String: Publication] = [:]
        func keep(_ publications: [Publication]) -> [Publication] {
            for publication in publications where publication.isRetained {
                kept[publication.topic] = publication.payload.isEmpty ? nil : publication
            }
            return publications
        }
        for _ in 0..<3 {
            _ = keep(send(&pipeline, "in/a", "id=LGZ1 1-0:1.8.0=25149.4kWh 1-0:1.8.1=9kWh 1-0:1.7.0=5W 0-0:96.14.0=2"))
        }
        let exchanged = keep(send(&pipeline, "in/a", "id=LGZ2 1-0:1.8.0=0.1kWh 1-0:1.7.0=5W"))
        #expect(exchanged.meters == ["haus"])
        let cleared = exchanged.filter { $0.payload.isEmpty }.map(\.topic)
        #expect(cleared == ["harmonized/v1/meter/haus/obis/0-0:96.14.0"])
        #expect(exchanged.rules == [["counter.confirmed"]])
        #expect(exchanged.last { $0.topic.hasSuffix("obis/1-0:1.8.0") }?.payload == Array("0.1".utf8))
        let state = exchanged.payloads("/state")[0]
        #expect(!state.contains("96.14.0") && state.contains("\"1-0:1.8.1\":{\"value\":9,\"unit\":\"kWh\""))
        #expect(state.contains("\"quality\":\"previous\""), "until the new meter sends that counter")
        let info = exchanged.payloads("/info")[0]
        #expect(info.contains("\"serial\":\"LGZ2\""))
        #expect(
            info.contains(
                "\"since\":\"2026-11-20T23:27:48Z\",\"previous\":{\"serial\":\"LGZ1\",\"counters\":{"
                    + "\"1-0:1.8.0\":{\"value\":25149.4,\"unit\":\"kWh\",\"time\":\"2026-11-20T23:27:38Z\"}"))
        #expect(
            pipeline.pipeline.takeDiagnostics().map(\.description).contains {
                $0.contains("serial LGZ2 instead of LGZ1")
            })
        #expect(send(&pipeline, "in/a", "id=LGZ2 1-0:1.8.0=0.2kWh").payloads("/info").isEmpty)
        var second = try restarted(pipeline, kept: kept, sources)
        let after = send(&second, "in/a", "id=LGZ2 1-0:1.8.0=0.3kWh")
        #expect(
            !after.contains { $0.payload.isEmpty } && after.payloads("/info").allSatisfy { $0.contains("\"previous\"") }
        )
        let again = send(&second, "in/a", "id=LGZ3 1-0:1.8.0=7kWh 1-0:2.8.0=1kWh")
        #expect(again.payloads("/info")[0].contains("\"previous\":{\"serial\":\"LGZ2\""), "across a restart")
    }

    @Test func `without a pin the new meter has its own topics and names the former`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = send(&pipeline, "in/a", "id=LGZ1 1-0:1.8.0=25149kWh")
        var all: [Publication] = []
        for step in 1...12 { all += send(&pipeline, "in/a", "id=LGZ2 1-0:1.8.0=\(step)kWh") }
        #expect(all.payloads("lgz1/availability") == ["offline"])
        #expect(
            all.payloads("lgz2/info").last?.contains("\"previous\":{\"meter\":\"lgz1\",\"serial\":\"LGZ1\"") == true)
        #expect(all.payloads("lgz2/info").last?.contains("\"since\":\"2026-11-20T23:27:28Z\"") == true)
        #expect(all.rules.allSatisfy { $0.isEmpty })
    }

    @Test func `a reader that wavers between two ids exchanges nothing`() throws {
        let entry = MeterEntry(id: "haus", name: nil, rawIDs: ["A1", "B2"], place: "bridge.yaml:9")
        var pipeline = try TestPipeline([TestPipeline.source()], meters: [entry])
        var rules: [[String]] = []
        var infos = 0
        for step in 0..<20 {
            let out = send(&pipeline, "in/a", "id=\(step % 2 == 0 ? "A1" : "B2") 1-0:1.8.0=\(100 + step)kWh")
            #expect(out.meters == ["haus"])
            rules += out.rules
            infos += out.payloads("/info").count
            if step == 19 { #expect(out.payloads("/state")[0].contains("\"value\":119")) }
        }
        #expect(rules[4...].contains(["id.flapping"]) && rules[4...].contains([]))
        #expect(infos < 6, "said, not repeated")
    }

    @Test func `a hub that sends for several meters exchanges nothing`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        var all: [Publication] = []
        for step in 0..<60 {
            all += send(&pipeline, "in/hub", "id=M\(step % 3) 1-0:1.8.0=\(100 + step)kWh", every: 1000)
        }
        #expect(Set(all.meters) == ["m0", "m1", "m2"])
        #expect(!all.payloads("/info").contains { $0.contains("previous") })
        #expect(all.rules.allSatisfy { $0.isEmpty } && !all.payloads("/availability").contains("offline"))
    }

    // MARK: - Lost ids

    static let counters = "1-0:1.8.0=25149.419kWh 1-0:2.8.0=812.5kWh"

    @Test func `a reader that falls back to its port keeps its meter`() throws {
        let sources = [TestPipeline.source(filter: "in/#")]
        var pipeline = try TestPipeline(sources)
        _ = send(&pipeline, "in/LGZ1", "id=LGZ1 \(Self.counters) 1-0:1.7.0=5W")
        let lost = send(&pipeline, "in//dev/ttyUSB0", "1-0:1.8.0=25149420Wh 1-0:2.8.0=812500Wh 1-0:1.7.0=6W")
        #expect(lost.meters == ["lgz1"] && lost.rules == [["id.flapping"]])
        #expect(lost.payloads("/reading")[0].contains("\"original\":\"/dev/ttyUSB0\",\"with\":\"lgz1\""))
        #expect(lost.payloads("/state")[0].contains("\"power_import\":6"), "it is the same reader, no second one")
        let back = send(
            &pipeline, "in/LGZ1", "id=LGZ1 1-0:1.8.0=25149.43kWh 1-0:2.8.0=812.5kWh 1-0:1.7.0=7W")
        #expect(back.rules == [[]] && back.payloads("/state")[0].contains("\"power_import\":7"))
        // A restarted bridge knows it.
        var second = try restarted(
            pipeline, kept: Dictionary((lost + back).filter(\.isRetained).map { ($0.topic, $0) }) { $1 }, sources)
        #expect(send(&second, "in//dev/ttyUSB0", "1-0:1.8.0=25150kWh").rules == [["id.flapping"]])
    }

    @Test func `an id that comes after the port takes over what was published under it`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(filter: "in/#")])
        let lost = send(&pipeline, "in//dev/ttyUSB0", "\(Self.counters) 1-0:1.7.0=6W")
        let name = try #require(lost.meters.first)
        #expect(lost.rules == [["id.missing"]])
        let found = send(&pipeline, "in/LGZ1", "id=LGZ1 \(Self.counters) 1-0:1.7.0=7W")
        #expect(found.meters == ["lgz1"] && found.rules == [[]])
        let cleared = Set(found.filter(\.payload.isEmpty).map(\.topic))
        #expect(cleared.contains("harmonized/v1/meter/\(name)/state"))
        #expect(send(&pipeline, "in//dev/ttyUSB0", Self.counters).rules == [["id.flapping"]])
    }

    @Test(arguments: [
        "1-0:1.8.0=4711kWh 1-0:2.8.0=812.5kWh", "1-0:1.8.0=25100kWh", "1-0:1.8.0=0kWh 1-0:2.8.0=0kWh", "1-0:1.7.0=5W",
    ])
    func `another meter without an id stays one of its own`(words: String) throws {
        var pipeline = try TestPipeline([TestPipeline.source(filter: "in/#")])
        _ = send(&pipeline, "in/LGZ1", "id=LGZ1 \(Self.counters)")
        let other = send(&pipeline, "in//dev/ttyUSB1", words)
        #expect(other.meters != ["lgz1"] && other.rules[0].contains("id.missing"))
    }

    // MARK: - Collisions

    @Test func `two meters under one id are said`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        var rules: [[String]] = []
        for step in 0..<20 {
            rules += send(&pipeline, "in/a", "id=12345 1-0:1.8.0=\((step % 2 == 0 ? 903 : 25_149) + step / 4)kWh").rules
        }
        #expect(!rules[3].contains("id.collision") && rules[19].contains("id.collision"))
        let words = pipeline.pipeline.takeDiagnostics().map(\.description).filter { $0.contains("two meters") }
        #expect(words.count == 1)
    }

    @Test(
        arguments: [
            [12345.678, 0, 12345.7, 0, 12345.8, 0, 12345.9, 0, 12346, 0, 12346.1, 0, 12346.2, 0],
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [500, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109],
            [10, 9.9, 10, 9.9, 10, 9.9, 10, 9.9, 10, 9.9, 10],
        ] as [[Double]])
    func `a dip, an exchange and rounding are no second meter`(values: [Double]) throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        for value in values {
            let out = send(&pipeline, "in/a", "id=1 1-0:1.8.0=\(value)kWh")
            #expect(!out.rules.flatMap(\.self).contains("id.collision"))
        }
    }
}
