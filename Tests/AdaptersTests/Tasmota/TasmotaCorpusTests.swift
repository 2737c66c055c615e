// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import Adapters

/// Every payload of a collection that stays outside of the repository, where there is one.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["OBIS_CORPUS"] != nil)) struct TasmotaCorpusTests {
    private struct Line {
        var topic: String
        var payload: String
        var notes: String
    }

    private static func lines() throws -> [Line] {
        let folder = ProcessInfo.processInfo.environment["OBIS_CORPUS"] ?? ""
        let text = try String(contentsOfFile: folder + "/tasmota.jsonl", encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            let root = try JSONDocument.parse(Array(line.utf8)).root
            return Line(
                topic: root["topic"]?.text ?? "", payload: root["payload"]?.text ?? "", notes: root["notes"]?.text ?? ""
            )
        }
    }

    private static func decode(_ line: Line, adapter: String, labels: String? = nil) throws -> Verdict {
        let dictionary = try labels.map { try #require(LabelDictionary.shipped(named: $0)) }
        let made = AdapterRegistry.make(adapter, options: AdapterOptions(labels: dictionary))
        var decoder = try #require(made).makeDecoder()
        return decoder.decode(
            RawMessage(topic: line.topic, payload: Array(line.payload.utf8), received: Timestamp(seconds: 0)),
            context: DecodingContext())
    }

    @Test(arguments: ["gplug", "tasmota"]) func `no line is a trap, and a serial line is for another adapter`(
        adapter: String
    ) throws {
        let lines = try Self.lines()
        #expect(lines.count >= 80)
        for line in lines {
            let verdict = try Self.decode(line, adapter: adapter)
            if line.payload.contains("SerialReceived") { #expect(verdict == .ignored(kind: "tasmota-result")) }
            if line.topic.hasSuffix("LWT") { #expect(verdict == .availability(isOnline: true)) }
            if line.payload.contains("CMD") { #expect(verdict == .ignored(kind: "tasmota-result")) }
        }
    }

    /// The registers that the documents behind the corpus give for its real payloads. `lines` are some of a reading's.
    @Test(arguments: [
        ("gplug", #""z":{"Pi":0}"#, ["time local 2021-09-24T17:56:38", "1-0:1.7.0 0 W"]),
        ("gplug", #""z":{"Pi":12}"#, ["time local 2021-09-24T17:03:45", "1-0:1.7.0 12 W"]),
        ("gplug", #"{"1-0:32.7.0""#, ["1-0:32.7.0 231.3 V"]),
        (
            "gplug", #""Po":14.421"#,
            ["id \"3130343837303239\" hexadecimal", "1-0:2.7.0 14.421 kW", "1-0:22.7.0 4954 W", "1-0:31.7.0 22 A"]
        ),
        (
            "gplug", #""Ei":168.754"#,
            ["id \"72913313\"", "1-0:1.8.0 168.754 kWh", "1-0:1.8.1 130.675 kWh", "1-0:8.8.0 121.569 kvarh"]
        ),
        ("gplug", #""SMid":32942200"#, ["id \"32942200\"", "1-0:1.8.0 45982.8 kWh", "1-0:2.7.0 0.632 kW"]),
        ("tasmota", #""Power_curr":-894"#, ["1-0:16.7.0 -894 W", "1-0:2.8.0 14737.1422 kWh"]),
        ("tasmota", #""Frequenz":49.9"#, ["1-0:14.7.0 49.9 Hz", "1-0:56.7.0 -111 W"]),
        ("tasmota", #""Power_curr":281"#, ["id \"0901454d4800004735c7\"", "1-0:1.8.0 20481.9505 kWh"]),
        ("tasmota", #""DJ_TPWRIN""#, ["1-0:1.8.0 1972.69 kWh", "1-0:16.7.0 2357 W"]),
        ("tasmota", #""total_kwh""#, ["1-0:1.8.0 4086.4367 kWh", "1-0:16.7.0 210 W"]),
        ("tasmota", #""MT175""#, ["1-0:16.7.0 -4065 W", "1-0:36.7.0 -1336 W"]),
        ("tasmota", #""1_8_0""#, ["id \"012345affecaffee\"", "1-0:1.8.0 25273.16 kWh", "1-0:16.7.0 -9.59 W"]),
        ("tasmota", #""eBZD""#, ["1-0:1.8.0 12345.6 kWh", "1-0:16.7.0 -123 W"]),
        ("tasmota", #""SML":{"Power_curr":110}"#, ["1-0:16.7.0 110 W"]),
        ("tasmota", #""total_in":23446.07"#, ["1-0:1.8.0 23446.07 kWh", "1-0:16.7.0 372 W"]),
        ("tasmota", #""Serial_number":0"#, ["id \"0\"", "1-0:1.8.0 0 kWh", "1-0:2.8.0 0 kWh"]),
        ("tasmota", "1970-06-11", ["time local 1970-06-11T05:35:26", "1-0:16.7.0 -136.39 W"]),
        ("tasmota", #""SML  ""#, ["1-0:1.8.0 720.2593 kWh", "1-0:16.7.0 -821 W"]),
    ]) func `a real payload has the registers of its document`(
        adapter: String, part: String, expected: [String]
    ) throws {
        let line = try #require(Self.lines().first { $0.payload.contains(part) })
        let lines = VerdictText.lines(try Self.decode(line, adapter: adapter)).map { $0.drop { $0 == " " } }
        for fact in expected { #expect(lines.contains(fact[...]), "in \(lines)") }
    }

    @Test(arguments: [
        ("gplug-e-as3000", ["1-0:1.7.0 412 W", "1-0:1.8.1 18752.361 kWh", "1-0:2.8.1 118.025 kWh"]),
        ("gplug-d", ["1-0:1.7.0 412 kW"]),
    ]) func `the same label has the meaning of the chosen dictionary`(labels: String, expected: [String]) throws {
        let line = try #require(Self.lines().first { $0.payload.contains("3130343837303239,") })
        let lines = VerdictText.lines(try Self.decode(line, adapter: "gplug", labels: labels)).map {
            $0.drop { $0 == " " }
        }
        for fact in expected { #expect(lines.contains(fact[...]), "in \(lines)") }
    }

    @Test(arguments: [
        ("Switch1", "tasmota-sensor"), ("\"ANALOG\"", "tasmota-sensor"), ("DHT11", "tasmota-sensor"),
        ("ExportActive\":[160", "tasmota-energy"), ("hotWater", "tasmota-energy"), ("UptimeSec", "tasmota-state"),
        ("StatusMQT", "tasmota-status"), ("Power\":2629", "tasmota-energy"),
    ]) func `what is no meter is ignored by its kind`(part: String, kind: String) throws {
        let line = try #require(Self.lines().first { ($0.payload + $0.topic).contains(part) })
        #expect(try Self.decode(line, adapter: "tasmota") == .ignored(kind: kind))
    }
}
