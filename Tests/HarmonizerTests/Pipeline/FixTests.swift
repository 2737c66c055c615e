// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What a reading says about its repairs, and what the profile makes of them.
@Suite struct FixTests {
    private func pipeline(_ profile: String = "{}") throws -> TestPipeline {
        try TestPipeline([TestPipeline.source()], profile: profile)
    }

    @Test func `a rule stands once, with all that it touched`() throws {
        var pipeline = try pipeline()
        let out = pipeline.send(
            "in/a", "id=1 t=1795217228 lenient lenient 1-0:1.7.0=5W 1-0:1.8.0=-1kWh 1-0:2.8.0=-2.5kWh")
        #expect(out.rules == [["payload.lenient", "value.dropped"]])
        #expect(
            out.payloads("/reading")[0].contains(
                "{\"rule\":\"value.dropped\",\"level\":\"doubt\",\"fields\":[\"1-0:1.8.0\",\"1-0:2.8.0\"],"
                    + "\"action\":\"drop\",\"original\":\"-1, -2.5\"}"))
    }

    @Test func `the repairs of all parts stand once in their reading`() throws {
        var pipeline = try pipeline()
        for code in 1...5 { _ = pipeline.send("in/a", "id=1 t=1795217228 part lenient 1-0:\(code).7.0=1") }
        #expect(pipeline.wait(500).rules == [["payload.lenient"]])
    }

    @Test func `a register whose time is none keeps its value and says so`() throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W 0-1:24.2.1=3m3@632525252525S")
        #expect(
            out.payloads("/reading")[0].contains(
                "{\"rule\":\"time.invalid\",\"level\":\"repair\",\"fields\":[\"0-1:24.2.1\"],\"action\":\"drop\","
                    + "\"original\":\"632525252525S\"}"))
        #expect(out.payloads("/reading")[0].contains("\"0-1:24.2.1\":{\"value\":3,\"unit\":\"m³\"}"))
    }

    @Test func `a register's own time stands where it differs`() throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", "id=1 t=1795217228 0-1:24.2.1=3m3@1795216801 0-2:24.2.1=4m3@1795217228")
        let reading = out.payloads("/reading")[0]
        #expect(reading.contains("\"0-1:24.2.1\":{\"value\":3,\"unit\":\"m³\",\"time\":\"2026-11-20T23:20:01Z\"}"))
        #expect(reading.contains("\"0-2:24.2.1\":{\"value\":4,\"unit\":\"m³\"}"))
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "999999999999", "-1"])
    func `an absurd epoch is no time and no trap`(epoch: String) throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", "id=1 t=\(epoch) 1-0:1.7.0=5W 0-1:24.2.1=3m3@\(epoch)")
        #expect(out.readings[0]["time"] as? String == "2026-11-20T23:27:08Z")
        #expect(out.readings[0]["time_source"] as? String == "bridge")
        #expect(epoch == "-1" ? out.rules == [["time.unsynced"]] : out.rules == [["time.invalid"]])
        let original = epoch == "-1" ? "1969-12-31T23:59:59Z" : epoch
        #expect(out.payloads("/reading")[0].contains("\"original\":\"\(original)\""))
    }

    @Test func `before the earliest year a clock was never set`() throws {
        var pipeline = try pipeline("time: {max_age: 5000d}")
        #expect(pipeline.send("in/a", "id=1 t=1577836799 1-0:1.7.0=5W").rules == [["time.unsynced"]])
        #expect(pipeline.send("in/a", "id=1 t=1577836800 1-0:1.7.0=5W").rules == [[]])
        var early = try self.pipeline("time: {earliest: 2000-01-01T00:00:00Z, max_age: 5000d}")
        #expect(early.send("in/a", "id=1 t=1577836799 1-0:1.7.0=5W").rules == [[]])
    }

    @Test(arguments: [
        ("payload.lenient", "id=1 t=1795217228 lenient 1-0:1.7.0=5W"), ("time.missing", "id=1 1-0:1.7.0=5W"),
        ("time.unsynced", "id=1 t=9 1-0:1.7.0=5W"), ("time.invalid", "id=1 t=999999999999 1-0:1.7.0=5W"),
        ("id.placeholder", "id=12345 t=1795217228 1-0:1.7.0=5W"), ("id.missing", "t=1795217228 1-0:1.7.0=5W"),
        ("time.future", "id=1 t=1795227228 1-0:1.7.0=5W"), ("time.too-old", "id=1 t=1695217228 1-0:1.7.0=5W"),
        ("value.dropped", "id=1 t=1795217228 1-0:1.7.0=5W 1-0:1.8.0=-1kWh"),
    ]) func `every rule can be rejected, silenced or only said`(rule: String, payload: String) throws {
        var fixing = try pipeline()
        #expect(fixing.send("in/a", payload).rules == [[rule]])
        var flagging = try pipeline("fixes: {\(rule): flag}")
        #expect(flagging.send("in/a", payload).rules == [[rule]])
        var silent = try pipeline("fixes: {\(rule): off}")
        #expect(silent.send("in/a", payload).rules == [[]])
        var strict = try pipeline("fixes: {\(rule): reject}")
        let rejected = strict.send("in/a", payload)
        #expect(rejected.topics == ["harmonized/v1/bridge/test/reject"])
        let reject = rejected.payloads("/reject")[0]
        #expect(reject.contains("\"reason\":\"policy.rejected\",\"detail\":\"the profile rejects \(rule)\""))
        #expect(reject.contains("\"topic\":\"in/a\"") && reject.contains("\"payload\":\"\(payload)\""))
    }

    @Test func `a message of nothing but values that cannot be is a reject`() throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=-1kWh")
        #expect(out.topics == ["harmonized/v1/bridge/test/reject"])
        #expect(out.payloads("/reject")[0].contains("\"reason\":\"value.invalid\""))
        #expect(out.payloads("/reject")[0].contains("no register can have its value (-1): 1-0:1.8.0"))
    }

    @Test func `a telegram that never ends is a reject with its topic`() throws {
        var pipeline = try pipeline()
        #expect(pipeline.send("in/serial", "open /KFM5").isEmpty)
        #expect(pipeline.pipeline.hasOpenGroups)
        let out = pipeline.wait(2000)
        #expect(out.topics == ["harmonized/v1/bridge/test/reject"])
        #expect(out.payloads("/reject")[0].contains("\"reason\":\"telegram.incomplete\""))
        #expect(out.payloads("/reject")[0].contains("\"topic\":\"in/serial\""))
        #expect(out.payloads("/reject")[0].contains("\"payload\":\"open /KFM5\""))
        #expect(!pipeline.pipeline.hasOpenGroups)
    }

    @Test func `a text that is cut stays a text`() throws {
        var pipeline = try pipeline()
        for pad in 0..<4 {
            let payload = "bad " + String(repeating: "x", count: pad) + String(repeating: "漢", count: 3000)
            let reject = pipeline.send("in/a", payload).payloads("/reject")[0]
            #expect(reject.contains("\"payload\":\"bad x") || pad == 0)
            #expect(!reject.contains("payload_base64") && reject.contains("\"payload_bytes\":\(9004 + pad)"))
        }
    }
}
