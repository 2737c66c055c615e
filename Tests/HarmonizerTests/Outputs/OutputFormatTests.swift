// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

/// RL-DSP, alias topics, Homie and SenML against the documents of their readers.
@Suite struct OutputFormatTests {
    // MARK: - rl-dsp

    @Test func `a bundle is the collector's: short codes, W and Wh, the serial as received`() throws {
        var pipeline = try TestPipeline(outputs: "[rl-dsp]")
        let out = pipeline.send(
            "in/a",
            "id=LGZ1030653520967 t=1795217228 1-1:1.8.0=482.939kWh 1-0:4.8.0=344.697kvarh 1-0:1.7.0=0.028kW 1-0:31.7.0=0.09A 0-1:24.2.1=5m3 0-0:96.14.0=T1"
        )
        let message = try #require(out.first { $0.topic == "dt/bridge/LGZ1030653520967/ds" })
        #expect(!message.isRetained && message.qos == 0)
        #expect(
            String(decoding: message.payload, as: UTF8.self)
                == #"{"meter":{"ts":"2026-11-20T23:27:08+00:00","1.8.0":482939,"4.8.0":344697,"1.7.0":28,"31.7.0":0.09}}"#
        )
    }

    @Test func `computed registers only where they are wanted`() throws {
        let message = "id=A1 t=1795217228 1-0:1.7.0=5W 1-0:2.7.0=0W"
        var plain = try TestPipeline(outputs: "rl-dsp")
        #expect(plain.send("in/a", message).payload(on: "dt/bridge/A1/ds")?.contains("16.7.0") == false)
        var derived = try TestPipeline(outputs: "[rl-dsp: {derived: true, group: ZEV, id: meter}]")
        #expect(derived.send("in/a", message).payload(on: "dt/ZEV/a1/ds")?.contains(#""16.7.0":5"#) == true)
    }

    @Test func `no serial adds a topic level, and a bundle without registers is none`() throws {
        var pipeline = try TestPipeline(outputs: "rl-dsp")
        let out = pipeline.send("in/a", "id=../#/x t=1795217228 1-0:1.7.0=5W")
        #expect(out.topics.filter { $0.hasPrefix("dt/") }.allSatisfy { $0.split(separator: "/").count == 4 })
        #expect(!out.topics.contains { $0.contains("#") })
        #expect(
            pipeline.send("in/b", "id=A t=1795217228 0-0:96.14.0=T1").lines(below: "dt/").isEmpty)
    }

    // MARK: - alias-topics

    @Test func `alias topics follow the retain rule and are not repeated`() throws {
        var pipeline = try TestPipeline(outputs: "[alias-topics: {topic: 'home/{meter}/{alias}'}]")
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=9kWh 1-0:1.7.0=5W 1-0:199.8.0=3kWh")
        #expect(out.lines(below: "home/") == ["home/1/energy_import 9", "home/1/power_import 5"])
        #expect(out.filter { $0.topic.hasPrefix("home/") }.map(\.isRetained) == [true, false])
        let again = pipeline.send("in/a", "id=1 t=1795217233 1-0:1.8.0=9kWh 1-0:1.7.0=5W", after: 5000)
        #expect(again.lines(below: "home/") == ["home/1/power_import 5"])
        let later = pipeline.send("in/a", "id=1 t=1795217533 1-0:1.8.0=9kWh", after: 300_000)
        #expect(later.lines(below: "home/") == ["home/1/energy_import 9"])
    }

    // MARK: - homie-5 (homieiot.github.io/specification)

    @Test func `a Homie device describes its registers, then they come`() throws {
        var pipeline = try TestPipeline(outputs: "homie-5")
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=9.5kWh 1-0:1.7.0=5W 0-0:96.14.0=T1")
        let description = out.json(on: "homie/5/1/$description")
        #expect(description["homie"] as? String == "5.0")
        #expect(description["parent"] as? String == "bridge-test" && description["root"] as? String == "bridge-test")
        let nodes = description["nodes"] as? [String: [String: Any]]
        let properties = try #require(nodes?["registers"]?["properties"] as? [String: [String: Any]])
        #expect(properties["1-0-1-8-0"]?["datatype"] as? String == "float")
        #expect(properties["1-0-1-8-0"]?["unit"] as? String == "kWh")
        #expect(properties["1-0-1-8-0"]?["retained"] == nil, "true is the default")
        #expect(properties["1-0-1-7-0"]?["retained"] as? Bool == false)
        #expect(properties["0-0-96-14-0"]?["datatype"] as? String == "string")
        #expect(
            out.lines(below: "homie/5/1/registers/") == [
                "homie/5/1/registers/1-0-1-8-0 9.5", "homie/5/1/registers/1-0-1-7-0 5",
                "homie/5/1/registers/0-0-96-14-0 T1",
            ])
        #expect(out.payload(on: "homie/5/1/$state") == "ready")
        let gone = pipeline.send("in/a", "offline", after: 1000)
        #expect(gone.lines(below: "homie/") == ["homie/5/1/$state lost"])
        #expect(
            pipeline.send("in/a", "id=1 t=1795217238 1-0:1.7.0=5W", after: 1000).lines(below: "homie/5/1/$")
                == ["homie/5/1/$state ready"])
    }

    @Test func `Homie ids have no underscore`() throws {
        var pipeline = try TestPipeline(
            outputs: "homie-5", sources: [TestPipeline.source(meter: "my_house")])
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=9.5kWh")
        let ids = out.topics.filter { $0.hasPrefix("homie/5/") }.map { String($0.split(separator: "/")[2]) }
        #expect(!ids.isEmpty)
        #expect(
            ids.allSatisfy { id in id.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" } }
        )
    }

    // MARK: - senml (RFC 8428, RFC 8798)

    @Test func `a pack has registered units and a base time`() throws {
        var pipeline = try TestPipeline(outputs: "senml")
        let out = pipeline.send(
            "in/a",
            "id=1 t=1795217228 gas=1:G9 1-0:1.8.0=9.5kWh 1-0:16.7.0=-5W 0-1:24.2.1=5.5m3@1795217000 0-0:96.14.0=T1")
        #expect(
            out.payload(on: "senml/1")
                == #"[{"bn":"meter:1:","bt":1795217228,"n":"1-0:1.8.0","u":"kWh","v":9.5},{"n":"1-0:16.7.0","u":"W","v":-5},"#
                + #"{"n":"0-1:24.2.1","u":"m3","v":5.5,"t":-228},{"n":"0-0:96.14.0","vs":"T1"},"#
                + #"{"n":"1-0:1.7.0","u":"W","v":0},{"n":"1-0:2.7.0","u":"W","v":5}]"#)
    }

    // MARK: - all of them

    @Test func `several at once, and for some meters only`() throws {
        var pipeline = try TestPipeline(
            outputs: "[harmonized, senml, rl-dsp: {meters: [other]}, homie-5: {meters: [a1]}]")
        let out = pipeline.send("in/a", "id=A1 t=1795217228 1-0:1.7.0=5W")
        #expect(!out.lines(below: "senml/").isEmpty && !out.lines(below: "homie/").isEmpty)
        #expect(out.lines(below: "dt/").isEmpty)
        #expect(!out.lines(below: "harmonized/v1/meter/a1/reading").isEmpty)
    }

    @Test func `mistakes are said with their place`() {
        #expect(
            TestPipeline.problems(outputs: "[homeassistant]") == [
                "bridge.yaml:1:11: error: unknown output \"homeassistant\", did you mean \"home-assistant\"?"
            ])
        #expect(
            TestPipeline.problems(outputs: "[rl-dsp: {gruppe: x}]").first?.contains("unknown key \"gruppe\"") == true)
        #expect(TestPipeline.problems(outputs: "[rl-dsp: {group: a/b}]").first?.contains("letters and digits") == true)
        #expect(TestPipeline.problems(outputs: "[senml: {topic: 'senml/+/{meter}'}]").first?.contains("\"+\"") == true)
        #expect(
            TestPipeline.problems(outputs: "[senml, senml]") == [
                "bridge.yaml:1:18: error: senml/+ is published by \"senml\" at bridge.yaml:1 already"
            ])
        #expect(
            TestPipeline.problems(outputs: "[home-assistant]", profile: "topics: {obis: false}").first?
                .contains("reads the obis topics") == true)
    }
}
