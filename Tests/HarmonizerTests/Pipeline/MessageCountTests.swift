// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// What is counted of each source.
@Suite struct MessageCountTests {
    @Test func `messages are counted with the source that reads them`() throws {
        var test = try TestPipeline([
            TestPipeline.source("one", filter: "one/+"), TestPipeline.source("two", filter: "two/+"),
        ])
        for topic in ["one/a", "two/a", "two/b"] { _ = test.send(topic, "id=A1 1-0:1.8.0=1kWh") }
        _ = test.send("two/a", "bad")
        _ = test.send("one/a", "kind=plug")
        _ = test.send("three/a", "id=A1 1-0:1.8.0=1kWh")
        let counters = test.pipeline.counters
        #expect(counters.sources.map(\.name) == ["one", "two"])
        #expect(counters.sources.map(\.received) == [2, 3])
        #expect(counters.sources.map(\.readings) == [1, 2])
        #expect(counters.sources.map(\.rejected) == [[:], [.shape: 1]])
        #expect(counters.sources.map(\.ignored) == [["plug": 1], [:]])
        #expect(counters.others.received == 1)
        #expect(counters.received == 6 && counters.readings == 3)
        #expect(counters.ignored == ["plug": 1, "no-source": 1])
        // No message has a time here.
        #expect(counters.sources.map { $0.fixes[.timeMissing] ?? 0 } == [1, 2])
    }

    @Test func `a reload goes on counting, and keeps what is gone`() throws {
        var counters = Counters(sources: ["one", "two"])
        counters.count(received: 0)
        counters.count(received: 1)
        counters.follow(["three", "two"])
        counters.count(received: 0)
        counters.count(received: 1)
        #expect(counters.sources.map(\.name) == ["three", "two", "one"])
        #expect(counters.sources.map(\.received) == [1, 2, 1])
        counters.follow(["one"])
        #expect(counters.sources.map(\.name) == ["one", "three", "two"])
        #expect(counters.received == 4)
    }

    @Test func `reloads with ever new sources do not fill the memory, nor lose a count`() {
        var counters = Counters()
        for number in 0..<3000 {
            counters.follow(["source-\(number)"])
            counters.count(received: 0)
        }
        #expect(counters.sources.count <= 1001)
        #expect(counters.received == 3000)
    }

    @Test func `the age of a reading is kept for who asks, and none without a time of its own`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        _ = test.send("in/a", "id=A1 t=1795217220 1-0:1.8.0=1kWh")
        #expect(test.pipeline.takeReadingAges().isEmpty)
        test.pipeline.keepsReadingAges = true
        let now = test.now
        _ = test.send("in/a", "id=A1 t=\(now.seconds - 3) 1-0:1.8.0=1kWh")
        _ = test.send("in/a", "id=A1 1-0:1.8.0=1kWh")
        #expect(test.pipeline.takeReadingAges().count == 1)
        #expect(test.pipeline.takeReadingAges().isEmpty)
    }
}
