// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Telegrams that come in several messages.
@Suite struct GroupTests {
    private func pipeline() throws -> TestPipeline { try TestPipeline([TestPipeline.source()]) }

    @Test func `the first telegram closes when nothing comes for a while`() throws {
        var pipeline = try pipeline()
        #expect(pipeline.send("in/a", "id=1 t=100 part 1-0:1.7.0=1W").isEmpty)
        #expect(pipeline.pipeline.hasOpenGroups)
        #expect(pipeline.send("in/a", "id=1 t=100 part 1-0:2.7.0=0W", after: 10).isEmpty)
        #expect(pipeline.wait(499).isEmpty)
        let closed = pipeline.wait(1)
        #expect(closed.registers == ["1-0:1.7.0": "1", "1-0:2.7.0": "0", "1-0:16.7.0": "1"])
        #expect(!pipeline.pipeline.hasOpenGroups)
    }

    @Test func `the next closes at once when the registers of the last are there`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:1.7.0=1W")
        _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:2.7.0=0W")
        _ = pipeline.wait(500)
        #expect(pipeline.send("in/a", "id=1 t=1795217233 part 1-0:2.7.0=0W").isEmpty)
        let closed = pipeline.send("in/a", "id=1 t=1795217233 part 1-0:1.7.0=5W")
        #expect(closed.readings.count == 1)
        #expect(closed.rules == [[]])
    }

    @Test func `another time or a repeated register begins the next telegram`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:1.7.0=1W")
        let byTime = pipeline.send("in/a", "id=1 t=1795217233 part 1-0:1.7.0=2W")
        #expect(byTime.payloads("/reading").first?.contains("\"1-0:1.7.0\":{\"value\":1,") == true)
        var untimed = try self.pipeline()
        _ = untimed.send("in/a", "id=1 part 1-0:1.7.0=1W")
        let byRegister = untimed.send("in/a", "id=1 part 1-0:1.7.0=2W")
        #expect(byRegister.payloads("/reading").first?.contains("\"1-0:1.7.0\":{\"value\":1,") == true)
    }

    @Test func `a forced end says what is missing, alternating lists say nothing`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:1.7.0=1W")
        _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:1.8.0=9kWh")
        #expect(pipeline.wait(500).rules == [[]])
        _ = pipeline.send("in/a", "id=1 t=1795217233 part 1-0:1.8.1=5kWh")
        #expect(pipeline.wait(500).rules == [[]], "a shorter list is no fault")
        _ = pipeline.send("in/a", "id=1 t=1795217238 part 1-0:1.8.1=5kWh 1-0:1.8.2=4kWh")
        _ = pipeline.wait(500)
        _ = pipeline.send("in/a", "id=1 t=1795217243 part 1-0:1.8.2=5kWh")
        #expect(pipeline.pipeline.flush(at: pipeline.now).rules == [["telegram.partial"]])
    }

    @Test func `interleaved devices do not disturb each other`() throws {
        var pipeline = try pipeline()
        for meter in 0..<10 { _ = pipeline.send("in/m\(meter)", "id=M\(meter) t=1795217228 part 1-0:1.7.0=\(meter)W") }
        for meter in 0..<10 { _ = pipeline.send("in/m\(meter)", "id=M\(meter) t=1795217228 part 1-0:2.7.0=0W") }
        let closed = pipeline.wait(500)
        #expect(closed.meters == (0..<10).map { "m\($0)" })
    }

    @Test func `a bundle and the same registers in parts have the same id`() throws {
        var pipeline = try TestPipeline([
            TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+"),
        ])
        let bundle = pipeline.send("a/x", "id=1 t=1795217228 1-0:1.7.0=1W 1-0:2.7.0=0W")
        _ = pipeline.send("b/x", "id=1 t=1795217228 part 1-0:2.7.0=0W")
        _ = pipeline.send("b/x", "id=1 t=1795217228 part 1-0:1.7.0=1W")
        let parts = pipeline.wait(500)
        #expect(bundle.readings.first?["id"] as? String == parts.readings.first?["id"] as? String)
        let later = pipeline.send("a/x", "id=1 t=1795217229 1-0:1.7.0=1W 1-0:2.7.0=0W")
        #expect(later.readings.first?["id"] as? String != bundle.readings.first?["id"] as? String)
    }
}
