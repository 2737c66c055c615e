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

    @Test func `a list that begins like a longer one does not cut the longer one`() throws {
        var pipeline = try pipeline()
        let powers = ["1-0:1.7.0=1W", "1-0:2.7.0=0W"]
        let all = powers + ["1-0:1.8.0=5kWh", "1-0:2.8.0=6kWh"]
        var readings: [[String]] = []
        for round in 0..<24 {
            let list = round % 6 == 5 ? all : powers
            var out: [Publication] = []
            for word in list {
                out += pipeline.send("in/a", "id=1 t=\(1_795_217_228 + round * 5) part \(word)", after: 20)
            }
            readings += (out + pipeline.wait(4000)).readings.map { reading in
                ((reading["registers"] as? [String: Any]) ?? [:]).keys.filter { $0 != "1-0:16.7.0" }.sorted()
            }
        }
        let short = ["1-0:1.7.0", "1-0:2.7.0"]
        // Before the long list was ever seen its first telegram falls into two; after that each is one.
        let expected = (0..<24).flatMap { round -> [[String]] in
            guard round % 6 == 5 else { return [short] }
            return round == 5 ? [short, ["1-0:1.8.0", "1-0:2.8.0"]] : [(short + ["1-0:1.8.0", "1-0:2.8.0"]).sorted()]
        }
        #expect(readings == expected)
    }

    @Test func `two lists that share nothing both close at once`() throws {
        var pipeline = try pipeline()
        func send(_ round: Int, _ words: [String]) -> Int {
            words.map { pipeline.send("in/a", "id=1 t=\(1_795_217_228 + round) part \($0)").readings.count }.reduce(
                0, +)
        }
        for round in 0..<2 {
            _ = send(round, round == 0 ? ["1-0:1.7.0=1W", "1-0:2.7.0=1W"] : ["1-0:1.8.1=1kWh", "1-0:1.8.2=1kWh"])
            _ = pipeline.wait(500)
        }
        for round in 2..<8 {
            #expect(
                send(round, round % 2 == 0 ? ["1-0:2.7.0=1W", "1-0:1.7.0=1W"] : ["1-0:1.8.1=1kWh", "1-0:1.8.2=1kWh"])
                    == 1)
            #expect(!pipeline.pipeline.hasOpenGroups)
        }
    }

    @Test func `a register that is new at the end belongs to the telegram from then on`() throws {
        var pipeline = try pipeline()
        var counts: [Int] = []
        for round in 0..<6 {
            let words = ["1-0:1.7.0=1W", "1-0:2.7.0=1W"] + (round < 3 ? [] : ["1-0:32.7.0=230V"])
            var out: [Publication] = []
            for word in words { out += pipeline.send("in/a", "id=1 t=\(1_795_217_228 + round * 5) part \(word)") }
            counts.append((out + pipeline.wait(5000)).readings.count)
        }
        #expect(counts == [1, 1, 1, 2, 1, 1])
    }

    @Test func `the limit cuts a telegram whose messages keep coming, and says what is missing`() throws {
        var pipeline = try pipeline()
        for code in 1...6 { _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:\(code).7.0=1") }
        _ = pipeline.wait(500)
        var out: [Publication] = []
        for code in 1...5 { out += pipeline.send("in/a", "id=1 t=1795217233 part 1-0:\(code).7.0=1", after: 450) }
        #expect(out.isEmpty && pipeline.wait(199).isEmpty)
        out = pipeline.wait(1)
        #expect(out.rules == [["telegram.partial"]])
        #expect(out.payloads("/reading")[0].contains("\"fields\":[\"1-0:6.7.0\"],\"action\":\"flag\""))
    }

    @Test func `a telegram in one message closes the one that is open`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:1.7.0=1W")
        let out = pipeline.send("in/a", "id=1 t=1795217229 1-0:1.7.0=2W")
        #expect(out.readings.map { $0["time"] as? String } == ["2026-11-20T23:27:08Z", "2026-11-20T23:27:09Z"])
        #expect(!pipeline.pipeline.hasOpenGroups)
        #expect(pipeline.pipeline.nextDeadline == pipeline.now + .minutes(1), "only the meter's silence")
    }

    @Test func `a message that comes twice makes the same reading twice`() throws {
        var pipeline = try pipeline()
        var ids: [String?] = []
        for _ in 0..<3 {
            _ = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:1.7.0=1W")
            let out = pipeline.send("in/a", "id=1 t=1795217228 part 1-0:2.7.0=1W") + pipeline.wait(500)
            ids += out.readings.map { $0["id"] as? String }
        }
        #expect(ids.count == 3 && Set(ids).count == 1)
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
