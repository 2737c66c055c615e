// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer

/// What a sender cannot make the bridge remember.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct LimitTests {
    /// Inventions of each test; a hundred thousand go through the program in `AttackTests`.
    private static let attempts = 500

    private func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }

    private func reasons(_ publications: [Publication]) -> [String] {
        publications.payloads("/reject").map { publications.object($0)["reason"] as? String ?? "" }
    }

    private func details(_ publications: [Publication]) -> [String] {
        publications.payloads("/reject").map { publications.object($0)["detail"] as? String ?? "" }
    }

    // MARK: - One message

    @Test func `a payload of the limit is read, one byte more is rejected`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.payload = 2000 })
        let good = "id=A1 1-0:1.8.0=1kWh".padding(toLength: 2000, withPad: " ", startingAt: 0)
        #expect(test.send("in/a", good).readings.count == 1)
        let bad = test.send("in/a", good + " ")
        #expect(reasons(bad) == ["payload.too-large"])
        #expect(details(bad) == ["2001 bytes, more than 2000"])
    }

    @Test func `a topic longer than the limit is rejected, and the reject repeats only its beginning`() throws {
        var test = try TestPipeline([TestPipeline.source(filter: "in/#")], limits: limits { $0.topicLength = 100 })
        #expect(test.send("in/" + String(repeating: "a", count: 97), "id=A1 1-0:1.8.0=1kWh").readings.count == 1)
        let bad = test.send("in/" + String(repeating: "a", count: 60_000), "id=A1 1-0:1.8.0=1kWh")
        #expect(reasons(bad) == ["topic.too-long"])
        #expect(details(bad) == ["a topic of 60003 bytes, more than 100"])
        #expect(bad[0].payload.count < 2000)
    }

    @Test func `a telegram with more registers than the limit is rejected as a whole`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.registers = 10 })
        func telegram(_ count: Int) -> String {
            "id=A1 " + (0..<count).map { "1-0:\(1 + $0).8.0=1kWh" }.joined(separator: " ")
        }
        #expect(test.send("in/a", telegram(10)).readings.count == 1)
        let bad = test.send("in/a", telegram(11))
        #expect(bad.readings.isEmpty)
        #expect(details(bad) == ["11 registers in one telegram, more than 10"])
    }

    @Test(arguments: [
        ("id=" + String(repeating: "A", count: 60_000) + " 1-0:1.8.0=1kWh", "an id of 60000 bytes, more than 128"),
        (
            "id=A1 0-0:96.13.0=x" + String(repeating: "x", count: 5000),
            "0-0:96.13.0: a text of 5001 bytes, more than 4096"
        ),
        (
            "id=A1 model=" + String(repeating: "m", count: 200) + " 1-0:1.8.0=1kWh",
            "an identification of 200 bytes, more than 128"
        ),
        ("id=A1 1-0:1.8.0=1" + String(repeating: "k", count: 99), "1-0:1.8.0: a unit of more than 15 bytes"),
        (
            "device=" + String(repeating: "d", count: 600) + " 1-0:1.8.0=1kWh",
            "a device name of 600 bytes, more than 512"
        ),
    ]) func `a text that no meter sends is rejected`(payload: String, detail: String) throws {
        var test = try TestPipeline([TestPipeline.source()])
        let publications = test.send("in/a", payload)
        #expect(publications.count == 1)
        #expect(reasons(publications) == ["payload.too-large"])
        #expect(details(publications) == [detail])
    }

    @Test func `the longest texts of real meters are read`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        let text = String(repeating: "x", count: 1024)
        let id = String(repeating: "A1", count: 48)
        #expect(test.send("in/a", "id=\(id) 0-0:96.13.0=\(text) 1-0:1.8.0=1kWh").readings.count == 1)
    }

    // MARK: - Many messages

    @Test func `a sender that invents ids gets as many meters as a source may have`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.meters = 50 })
        #expect(test.send("in/a", "id=KEEP 1-0:1.8.0=1kWh").readings.count == 1)
        var readings = 0
        for number in 0..<Self.attempts { readings += test.send("in/a", "id=N\(number) 1-0:1.8.0=1kWh").readings.count }
        #expect(readings == 49)
        #expect(test.pipeline.registry.meters.count == 50)
        #expect(test.pipeline.counters.rejected[.limit] == Self.attempts - 49)
        #expect(test.send("in/a", "id=KEEP 1-0:1.8.0=2kWh").meters == ["keep"])
        let said = test.pipeline.takeDiagnostics().filter { $0.description.contains("new meters are rejected") }
        #expect(
            said.map(\.description) == [
                "source \"src\": new meters are rejected: the source has 50 meters already; \"limits: {meters: 50}\" allows no more"
            ])
    }

    @Test func `what a new meter says is not taken for the device's former meter`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.meters = 1 })
        #expect(test.send("in/a", "id=FIRST 1-0:1.8.0=1kWh").meters == ["first"])
        let second = test.send("in/a", "id=SECOND 1-0:1.8.0=999kWh")
        #expect(second.readings.isEmpty)
        #expect(reasons(second) == ["limit.reached"])
        #expect(test.send("in/a", "id=FIRST 1-0:1.8.0=2kWh").registers["1-0:1.8.0"] == "2")
    }

    @Test func `one source's inventions leave the other its room`() throws {
        var test = try TestPipeline(
            [TestPipeline.source("bad", filter: "bad/+"), TestPipeline.source("good", filter: "good/+")],
            limits: limits { $0.meters = 20 })
        for number in 0..<100 { _ = test.send("bad/a", "id=N\(number) 1-0:1.8.0=1kWh") }
        #expect(test.send("good/a", "id=G1 1-0:1.8.0=1kWh").meters == ["g1"])
    }

    @Test func `a sender that invents topics gets as many devices as a source may have`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.devices = 50 })
        for number in 0..<Self.attempts { _ = test.send("in/\(number)", "id=A1 1-0:1.8.0=1kWh") }
        #expect(test.pipeline.readers.all.count == 50)
        #expect(test.pipeline.intake.knownTopics.count == 50)
        #expect(test.pipeline.counters.rejected[.limit] == Self.attempts - 50)
        #expect(test.send("in/0", "id=A1 1-0:1.8.0=2kWh").readings.count == 1)
        let sources = test.pipeline.registry.meters.map(\.devices.count)
        #expect(sources == [Limits.devicesOfMeter])
    }

    @Test func `devices that payloads invent are bounded as well`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.devices = 50 })
        for number in 0..<Self.attempts { _ = test.send("in/a", "device=d\(number) id=A1 1-0:1.8.0=1kWh") }
        #expect(test.pipeline.readers.all.count == 50)
    }

    @Test func `topics below a filter of one device do not fill the memory`() throws {
        var test = try TestPipeline(
            [TestPipeline.source(filter: "in/#", meter: "haus")], limits: limits { $0.devices = 10 })
        for number in 0..<50 {
            _ = test.send("in/" + String(repeating: "a/", count: 100) + "\(number)", "1-0:1.8.0=1kWh")
        }
        #expect(test.pipeline.intake.knownTopics.count == 10)
    }

    @Test func `a sender that invents registers gets as many as a meter may have`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.registers = 40 })
        for code in 0..<300 { _ = test.send("in/a", "id=A1 1-0:\(1 + code / 200).8.\(code % 200)=1kWh") }
        #expect(test.pipeline.registry.meters[0].registers.count == 40)
        #expect(test.pipeline.registry.meters[0].translations.count <= 500)
    }

    @Test func `a sender that invents labels fills neither memory nor log`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        var said = 0
        for number in 0..<Self.attempts {
            _ = test.send("in/a", "id=A1 label=l\(number) 1-0:1.8.0=1kWh")
            said += test.pipeline.takeDiagnostics().count
        }
        #expect(said <= 2001)
        #expect(test.pipeline.counters.unknownLabels == Self.attempts)
    }

    @Test func `more open telegrams than the limit are given up, the oldest first`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.openGroups = 100 })
        var rejected = 0
        for number in 0..<300 {
            let publications = test.send("in/\(number)", "open")
            rejected += publications.count
            #expect(test.pipeline.readers.open.count <= 100)
        }
        #expect(test.pipeline.counters.rejected[.incomplete] ?? 0 >= 200)
        // Those that are younger still wait.
        #expect(test.pipeline.hasOpenGroups)
        #expect(rejected > 0)
    }

    @Test func `messages that wait for an id do not wait in any number`() throws {
        var test = try TestPipeline([TestPipeline.source(separateID: true)])
        for _ in 0..<300 { _ = test.send("in/a", "1-0:1.8.0=1kWh") }
        #expect(test.pipeline.readers.all[0].waiting.count <= 100)
        #expect(test.pipeline.counters.readings == 300)
    }

    @Test func `a group of parts ends at the limit and a new one begins`() throws {
        var test = try TestPipeline([TestPipeline.source()], limits: limits { $0.registers = 10 })
        for number in 1...25 { _ = test.send("in/a", "part id=A1 t=1795217228 1-0:\(number).8.0=1kWh") }
        #expect(test.pipeline.readers.all[0].group?.telegram.observations.count == 5)
        #expect(test.pipeline.counters.readings == 2)
    }

    // MARK: - Own output

    @Test(arguments: [
        "harmonized/v1/meter/a1/reading", "rpi1/harmonized/v1/meter/a1/reading", "harmonized/v1", "a/harmonized/v1/b",
    ]) func `the bridge's own output is no input, whatever the filter`(topic: String) throws {
        var test = try TestPipeline([TestPipeline.source(filter: "#")])
        #expect(test.send(topic, "id=A1 1-0:1.8.0=1kWh").isEmpty)
        #expect(test.pipeline.counters.ignored == ["own-output": 1])
    }

    @Test(arguments: ["harmonized/v10/x", "myharmonized/v1/x", "harmonized/other", "x/harmonized"])
    func `a topic that only resembles the output is input`(topic: String) throws {
        var test = try TestPipeline([TestPipeline.source(filter: "#")])
        #expect(test.send(topic, "id=A1 1-0:1.8.0=1kWh").readings.count == 1)
    }

    @Test func `a topic that the profile moved elsewhere is no input`() throws {
        var test = try TestPipeline(
            [TestPipeline.source(filter: "#")], profile: "{topics: {reading: {topic: \"house/{meter}/power\"}}}")
        #expect(test.send("house/a1/power", "id=A1 1-0:1.8.0=1kWh").isEmpty)
        #expect(test.send("house/a1/other", "id=A1 1-0:1.8.0=1kWh").topics.contains("house/a1/power"))
    }
}
