// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration

/// What a reload or a restart makes of a changed key has to be what a start with that configuration would have made of it.
@Suite struct ReloadedKeysTests {
    /// A change of one key.
    struct Change: Sendable, CustomTestStringConvertible {
        var key: String
        var before: String
        var after: String
        var reader = Reader.gplug
        var testDescription: String { "\(key): \(before) -> \(after)" }

        init(_ key: String, _ before: String, _ after: String, reader: Reader = .gplug) {
            (self.key, self.before, self.after, self.reader) = (key, before, after, reader)
        }
    }

    /// Who sends.
    enum Reader: Sendable {
        case gplug, p1, json, encrypted, frames

        var topic: String { self == .gplug ? "tele/gPlugD_A/SENSOR" : "readers/a" }

        /// A message of a house that draws one kW, a number of steps of 10 s after noon.
        func payload(_ step: Int) -> [UInt8] {
            let clock = String(format: "%02d:%02d", 30 + step * 10 / 60, step * 10 % 60)
            let energy = "\(25149 + step / 100).\(100 + step % 100)"
            switch self {
            case .gplug:
                return Array(
                    "{\"Time\":\"2026-11-20T12:\(clock)\",\"z\":{\"SMid\":\"3130303030303231\",\"Pi\":1.012,\"Po\":0.000,\"V1\":230.1,\"Ei\":\(energy)}}"
                        .utf8)
            case .json:
                return Array(
                    "{\"id\":\"ABC1\",\"time\":\"2026-11-20T12:\(clock)\",\"power\":\(1000 + step),\"energy\":\(energy)}"
                        .utf8)
            case .frames:
                // A notification with a list that names no units, as Kamstrup meters push it.
                let (minute, second) = (UInt8(30 + step * 10 / 60), UInt8(step * 10 % 60))
                let counter = UInt32(2_514_910 + step / 4)
                var bytes: [UInt8] = [
                    0x0F, 0x40, 0, 0, 0, 12, 0x07, 0xEA, 11, 20, 5, 12, minute, second, 0xFF, 0x80, 0, 0,
                ]
                bytes += [0x02, 7, 0x0A, 14] + "Kamstrup_V0001".utf8
                bytes += [0x09, 6, 1, 1, 0, 0, 5, 255, 0x0A, 4] + "ABC1".utf8
                bytes += [0x09, 6, 1, 1, 1, 7, 0, 255, 0x06, 0, 0, 3, 0xF4]
                bytes += [0x09, 6, 1, 1, 1, 8, 0, 255, 0x06]
                return bytes + (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * $0)) }
            case .p1, .encrypted:
                let lines = [
                    "/ISK5\\2M550T-1012", "", "0-0:1.0.0(261120\("12" + clock.filter { $0 != ":" })W)",
                    "0-0:96.1.1(4530303434303037313234393835303231)", "1-0:1.8.1(0\(energy)*kWh)",
                    "1-0:1.7.0(01.012*kW)", "1-0:2.7.0(00.000*kW)", "!",
                ]
                return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
            }
        }
    }

    static let mappings = [
        "a.yaml": """
        fields: {/id: id, /time: clock, /power: 1-0:1.7.0 W, /energy: 1-0:1.8.0 kWh}
        """,
        "b.yaml": """
        fields: {/id: id, /time: clock, /power: 1-0:1.7.0 W, /energy: 1-0:1.8.0 MWh}
        """,
        "labels-a.yaml":
            "description: a\nlabels: {SMid: hexadecimal id, Pi: 1-0:1.7.0 kW, Po: 1-0:2.7.0 kW, V1: 1-0:32.7.0 V, Ei: 1-0:1.8.0 kWh}\n",
        "labels-b.yaml":
            "description: b\nlabels: {SMid: hexadecimal id, Pi: 1-0:1.7.0 kW, Po: 1-0:2.7.0 kW, V1: 1-0:32.7.0 V, Ei: 1-0:1.8.0 MWh}\n",
    ]

    static let meters: [Change] = [
        Change("name", "{ids: [10000021]}", "{ids: [10000021], name: House}"),
        Change("name", "{ids: [10000021], name: Home}", "{ids: [10000021], name: House}"),
        Change("ids", "{ids: [1]}", "{ids: [10000021]}"),
        Change("ids", "{ids: [10000021]}", "{ids: [1]}"),
        Change("ct", "{ids: [10000021], ct: 60}", "{ids: [10000021], ct: 60}"),
        Change("ct", "{ids: [10000021]}", "{ids: [10000021], ct: 60}"),
        Change("ct", "{ids: [10000021], ct: 60}", "{ids: [10000021], ct: 40}"),
        Change("ct", "{ids: [10000021], ct: 60}", "{ids: [10000021]}"),
        Change("ct", "{ids: [1]}", "{ids: [10000021], ct: 60}"),
        Change("max_power", "{ids: [10000021], max_power: 1 W}", "{ids: [10000021], max_power: 40 kW}"),
        Change("max_power", "{ids: [10000021], max_power: 40 kW}", "{ids: [10000021]}"),
        Change("demand", "{ids: [10000021]}", "{ids: [10000021], demand: on}"),
        Change("demand", "{ids: [10000021], demand: on}", "{ids: [10000021]}"),
        Change("demand", "{ids: [10000021], demand: on}", "{ids: [10000021], demand: {floor: 2.5 kW}}"),
        Change("role", "{ids: [10000021]}", "{ids: [10000021], role: pv}"),
        Change("role", "{ids: [10000021], role: pv}", "{ids: [10000021], role: battery}"),
        Change("role", "{ids: [10000021], role: load}", "{ids: [10000021]}"),
        Change("tariffs", "{ids: [10000021]}", "{ids: [10000021], tariffs: belgium}"),
        Change("tariffs", "{ids: [10000021], tariffs: belgium}", "{ids: [10000021], tariffs: netherlands}"),
        Change("tariffs", "{ids: [10000021], tariffs: belgium}", "{ids: [10000021], tariffs: off}"),
        Change("zone", "{ids: [10000021]}", "{ids: [10000021], zone: Europe/Zurich}"),
        Change("zone", "{ids: [10000021], zone: Europe/Zurich}", "{ids: [10000021]}"),
        Change("zone", "{ids: [10000021], zone: Europe/Zurich}", "{ids: [10000021], zone: Europe/London}"),
        Change("zone", "{ids: [1]}", "{ids: [10000021], zone: Europe/Zurich}"),
    ]

    static let sources: [Change] = [
        Change("adapter", "adapter: gplug", "adapter: tasmota"),
        Change(
            "subscribe", "adapter: gplug, subscribe: tele/+/SENSOR", "adapter: gplug, subscribe: tele/gPlugD_A/SENSOR"),
        Change("subscribe", "adapter: gplug, subscribe: other/+/SENSOR", "adapter: gplug, subscribe: tele/+/SENSOR"),
        Change("labels", "adapter: gplug, labels: gplug-d", "adapter: gplug, labels: ./labels-b.yaml"),
        Change("labels", "adapter: gplug, labels: ./labels-a.yaml", "adapter: gplug, labels: ./labels-b.yaml"),
        Change("groups", "adapter: gplug, labels: gplug-d", "adapter: gplug, labels: gplug-d, groups: z"),
        Change("groups", "adapter: gplug, labels: gplug-d, groups: x", "adapter: gplug, labels: gplug-d, groups: z"),
        Change("zone", "adapter: gplug, zone: UTC", "adapter: gplug, zone: Europe/Zurich"),
        Change("zone", "adapter: gplug, zone: Europe/Zurich", "adapter: gplug, zone: UTC"),
        Change("zone", "adapter: gplug, zone: Asia/Tokyo", "adapter: gplug, zone: UTC"),
        Change("meter", "adapter: gplug", "adapter: gplug, meter: house"),
        Change("meter", "adapter: gplug, meter: home", "adapter: gplug, meter: house"),
        Change("meter", "adapter: gplug, meter: house", "adapter: gplug"),
        Change("scale", "adapter: gplug", "adapter: gplug, scale: {energy: 1000}"),
        Change("scale", "adapter: gplug, scale: {energy: 1000}", "adapter: gplug"),
        Change("scale", "adapter: gplug", "adapter: gplug, scale: auto"),
        Change(
            "fixes", "adapter: gplug, scale: {power: 10}",
            "adapter: gplug, scale: {power: 10}, fixes: {scale.known: off}"),
        Change("qos", "adapter: gplug", "adapter: gplug, qos: 0"),
        Change(
            "ask", "adapter: gplug, subscribe: [tele/+/SENSOR, tele/ask]",
            "adapter: gplug, subscribe: [tele/+/SENSOR, tele/ask], ask: {topic: tele/ask, every: 30s}"),
        Change("about", "adapter: gplug", "adapter: gplug, about: {utility: EKZ}"),
        Change(
            "crc", "adapter: p1, subscribe: readers/+, crc: strict", "adapter: p1, subscribe: readers/+, crc: off",
            reader: .p1),
        Change(
            "mapping", "adapter: json, mapping: ./a.yaml, subscribe: readers/+",
            "adapter: json, mapping: ./b.yaml, subscribe: readers/+", reader: .json),
        Change(
            "http", "adapter: p1, subscribe: readers/+",
            "adapter: p1, http: {url: \"http://localhost/p1\", every: 10s}", reader: .p1),
        Change("tcp", "adapter: p1, subscribe: readers/+", "adapter: p1, tcp: \"h:9999\"", reader: .p1),
        Change(
            "serial", "adapter: p1, subscribe: readers/+", "adapter: p1, serial: {device: /dev/x, baud: 9600}",
            reader: .p1),
        Change("udp", "adapter: p1, subscribe: readers/+", "adapter: p1, udp: {port: 9999}", reader: .p1),
        Change(
            "decryption_key", "adapter: p1, subscribe: readers/+",
            "adapter: p1, subscribe: readers/+, decryption_key: 00112233445566778899AABBCCDDEEFF", reader: .encrypted),
        Change(
            "authentication_key", "adapter: p1, subscribe: readers/+",
            "adapter: p1, subscribe: readers/+, decryption_key: 00112233445566778899AABBCCDDEEFF, authentication_key: 00112233445566778899AABBCCDDEEFF",
            reader: .encrypted),
        Change(
            "decryption_key_file", "adapter: p1, subscribe: readers/+",
            "adapter: p1, subscribe: readers/+, decryption_key_file: key.txt", reader: .encrypted),
        Change(
            "authentication_key_file", "adapter: p1, subscribe: readers/+",
            "adapter: p1, subscribe: readers/+, decryption_key_file: key.txt, authentication_key_file: key.txt",
            reader: .encrypted),
        Change(
            "list", "adapter: frames, subscribe: readers/+", "adapter: frames, subscribe: readers/+, list: kamstrup-se",
            reader: .frames),
        Change(
            "keys", "adapter: frames, subscribe: readers/+",
            "adapter: frames, subscribe: readers/+, keys: {4C475A0000000042: key.txt}", reader: .frames),
        Change(
            "authentication", "adapter: frames, subscribe: readers/+",
            "adapter: frames, subscribe: readers/+, authentication: none", reader: .frames),
    ]

    private static func folder() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for (name, text) in mappings { try directory.write(name, text) }
        try directory.write("key.txt", "00112233445566778899AABBCCDDEEFF\n")
        return directory
    }

    private static func meterYAML(_ text: String) -> String {
        "zone: UTC\nsources: {reader: {adapter: gplug, labels: gplug-d}}\nmeters: {house: \(text)}"
    }

    private static func sourceYAML(_ text: String) -> String {
        "\(text.contains("zone:") ? "" : "zone: UTC\n")sources: {reader: {\(text)}}"
    }

    enum Way: CaseIterable { case reload, restart, both }

    @Test(arguments: meters, Way.allCases)
    func `a changed key of a meter does what a start with it does`(change: Change, way: Way) throws {
        try compare(Self.meterYAML(change.before), Self.meterYAML(change.after), change.reader, way)
    }

    @Test(arguments: sources, Way.allCases)
    func `a changed key of a source does what a start with it does`(change: Change, way: Way) throws {
        try compare(Self.sourceYAML(change.before), Self.sourceYAML(change.after), change.reader, way)
    }

    /// Messages between the change and those that are compared, and messages of each part.
    private static let count = 30

    private func compare(_ before: String, _ after: String, _ reader: Reader, _ way: Way) throws {
        let directory = try Self.folder()
        let (old, new) = (
            try ConfiguredRun.settings(before, in: directory.path),
            try ConfiguredRun.settings(after, in: directory.path)
        )
        let start = ConfiguredRun.start + .milliseconds(1_800_200)
        // An input of its own brings its messages under a name of the bridge's.
        func topic(_ settings: Pipeline.Settings) -> String {
            settings.sources[0].origin == nil ? reader.topic : settings.sources[0].filters[0].filter
        }
        var always = ConfiguredRun(new, at: start)
        var changed = ConfiguredRun(old, at: start)
        for step in 0..<Self.count {
            always.send(topic(new), reader.payload(step), after: 10_000)
            changed.send(topic(old), reader.payload(step), after: 10_000)
        }
        if way == .restart { changed.restart(new) } else { changed.reload(new) }
        if way == .both { changed.restart() }
        // What takes messages to learn may have been learned already, or begins now.
        var now = ConfiguredRun(new, at: changed.now)
        for step in Self.count..<(2 * Self.count) {
            let starts = [
                always.send(topic(new), reader.payload(step), after: 10_000).texts("/reading"),
                now.send(topic(new), reader.payload(step), after: 10_000).texts("/reading"),
            ]
            let published = changed.send(topic(new), reader.payload(step), after: 10_000).texts("/reading")
            #expect(starts.contains(published), "message \(step): \(published) instead of \(starts)")
            guard starts.contains(published) else { break }
        }
        // What the broker keeps at the end: nothing of another name, no value of before.
        let differences = Self.differences(changed.kept, always.kept)
        #expect(differences.isEmpty || Self.differences(changed.kept, now.kept).isEmpty, "\(differences)")
    }

    /// The topics, and of JSON the members, that are not the same.
    private static func differences(_ one: [String: String], _ other: [String: String]) -> [String] {
        Set(one.keys).union(other.keys).sorted().flatMap { topic -> [String] in
            guard let text = one[topic], let second = other[topic] else {
                return ["\(topic): \(one[topic] ?? "nothing") instead of \(other[topic] ?? "nothing")"]
            }
            guard let members = Self.members(text), let others = Self.members(second) else {
                return text == second ? [] : ["\(topic): \(text) instead of \(second)"]
            }
            return Set(members.keys).union(others.keys).sorted().filter { members[$0] != others[$0] }
                .map { "\(topic) \($0): \(members[$0] ?? "nothing") instead of \(others[$0] ?? "nothing")" }
        }
    }

    /// The members of an object; nil for anything else. The order of translations is that in which they were met.
    private static func members(_ text: String) -> [String: String]? {
        guard let root = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { return nil }
        return root.mapValues { value in
            guard let list = value as? [Any] else { return "\(sorted(value))" }
            return list.map { "\(sorted($0))" }.sorted().joined(separator: " ")
        }
    }

    private static func sorted(_ value: Any) -> String {
        if let list = value as? [Any] { return "\(list.map { sorted($0) })" }
        guard let members = value as? [String: Any] else { return "\(value)" }
        return "{" + members.keys.sorted().map { "\($0): \(sorted(members[$0] ?? ""))" }.joined(separator: ", ") + "}"
    }

    @Test func `every key that the loader knows is among them`() throws {
        let loader = ConfigurationLoader(environment: [:])
        _ = loader.load(
            "bridge: test\nzone: UTC\nsources: {a: {adapter: gplug}}\nmeters: {m: {name: M}}\n", file: "/bridge.yaml")
        #expect(loader.problems.knownKeys["a meter"] == Set(Self.meters.map(\.key)))
        #expect(loader.problems.knownKeys["a source"] == Set(Self.sources.map(\.key)))
    }

    /// Touching the file is enough to read it again.
    @Test func `a reload of the same file changes nothing that is remembered`() throws {
        let yaml = Self.meterYAML("{ids: [10000021], ct: 60, name: House}")
        var run = try ConfiguredRun(yaml)
        var still = try ConfiguredRun(yaml)
        for step in 0..<60 {
            if step % 7 == 6 { #expect(run.reload(try ConfiguredRun.settings(yaml)).isEmpty, "message \(step)") }
            let payload = Reader.gplug.payload(step)
            let expected = still.send(Reader.gplug.topic, payload, after: 10_000)
            #expect(run.send(Reader.gplug.topic, payload, after: 10_000) == expected, "message \(step)")
        }
        #expect(run.published.texts("/reading").allSatisfy { !$0.contains("counter.") })
    }

    /// A counter behind transformers rises faster than a meter without them can.
    @Test(arguments: Way.allCases) func `a reload keeps the limit that transformers raise`(way: Way) throws {
        let yaml = Self.meterYAML("{ids: [10000021], ct: 60}")
        var run = try ConfiguredRun(yaml)
        func payload(_ minute: Int, _ energy: String) -> String {
            "{\"Time\":\"2026-11-20T12:\(String(format: "%02d", minute)):00\",\"z\":{\"SMid\":\"3130303030303231\",\"Pi\":9,\"Po\":0,\"Ei\":\(energy)}}"
        }
        run.send("tele/gPlugD_A/SENSOR", payload(1, "1000.0"), after: 60_000)
        if way == .restart { run.restart() } else { run.reload() }
        if way == .both { run.restart() }
        // 60 times a kWh in a minute: 3600 kW.
        let out = run.send("tele/gPlugD_A/SENSOR", payload(2, "1001.0"), after: 60_000)
        #expect(out.texts("/obis/1-0:1.8.0") == ["60060"])
        #expect(!out.texts("/reading").joined().contains("counter.jump"))
    }

    /// A meter that the file calls something else is still the meter that it was.
    @Test func `a renamed meter keeps what is known about it`() throws {
        var run = try ConfiguredRun(Self.sourceYAML("adapter: gplug, labels: gplug-d, meter: home"))
        func payload(_ step: Int, _ id: String) -> String {
            "{\"Time\":\"2026-11-20T12:\(String(format: "%02d:%02d", step / 6, step % 6 * 10))\",\"z\":{\"SMid\":\"\(id)\",\"Pi\":1,\"Po\":0,\"Ei\":\(1000 + step)}}"
        }
        for step in 0..<15 { run.send("tele/gPlugD_A/SENSOR", payload(step, "3130303030303231"), after: 10_000) }
        for step in 15..<30 { run.send("tele/gPlugD_A/SENSOR", payload(step, "3130303030303232"), after: 10_000) }
        let before = try #require(run.kept["harmonized/v1/meter/home/info"])
        #expect(before.contains("\"previous\":{\"serial\":\"10000021\""))
        #expect(before.contains("\"netting\":\"sum\"") || before.contains("\"netting\":\"unknown\""))
        run.reload(try ConfiguredRun.settings(Self.sourceYAML("adapter: gplug, labels: gplug-d, meter: house")))
        let after = try #require(run.kept["harmonized/v1/meter/house/info"])
        // Whose line in the file gave which number its name is another matter.
        let differences = Self.differences(["info": after], ["info": before])
        #expect(differences.filter { !$0.hasPrefix("info translations") } == ["info meter: house instead of home"])
        #expect(run.kept.keys.allSatisfy { !$0.contains("/home/") })
    }
}
