// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import Machine

/// `meters_file:`, the table of meters as a CSV file.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct MetersFileTests {
    private func load(_ table: String, meters: String = "") throws -> (Configuration?, ConfigurationLoader, String) {
        let folder = try TemporaryDirectory()
        try folder.write("meters.csv", table)
        let loader = ConfigurationLoader(environment: [:])
        let text = "zone: UTC\nsources: {a: {adapter: p1}}\nmeters_file: meters.csv\n\(meters)"
        return (loader.load(text, file: "\(folder.path)/bridge.yaml"), loader, "\(folder.path)/meters.csv")
    }

    @Test(arguments: [
        "id,ids,name,zone,ct,max_power\nhouse,10487029 10990011,\"Müller, \"\"Haus\"\"\",Europe/Zurich,60,40 kW\nb,,,,,\n",
        "id;raw ids;name;zone;ct;max_power\r\nhouse;\"10487029;10990011\";\"Müller, \"\"Haus\"\"\";Europe/Zurich;60;40 kW\r\nb\r\n;;;;;\r\n",
        "\u{FEFF}name, zone ,CT,max_power,id,Raw_IDs\n\"Müller, \"\"Haus\"\"\", Europe/Zurich,60,40 kW, house,10487029|10990011\n\n,,,,b",
    ]) func `it is read as spreadsheets write it`(table: String) throws {
        let (configuration, loader, path) = try load(table, meters: "meters: {c: {ids: [C1]}}")
        #expect(loader.problems.sorted.map(\.description) == [])
        let meters = try #require(configuration).meters
        #expect(meters.map(\.id) == ["c", "house", "b"])
        let house = meters[1]
        #expect(house.rawIDs == ["10487029", "10990011"])
        #expect(house.name == "Müller, \"Haus\"")
        #expect(house.zone?.identifier == "Europe/Zurich")
        #expect(house.ct == ExactDecimal(60) && house.maxPower == ExactDecimal(40_000))
        #expect(house.place == "\(path):2")
        #expect(meters[2].rawIDs.isEmpty && meters[2].name == nil)
        // A change of it is a change of the configuration.
        #expect(loader.files.paths.contains(path))
    }

    @Test(arguments: ["/dev/zero", nil])
    func `a device or a pipe is none, and nobody waits for its end`(device: String?) throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/meters.csv"
        #expect(device.map { symlink($0, path) } ?? mkfifo(path, 0o600) == 0)
        let loader = ConfigurationLoader(environment: [:])
        let text = "zone: UTC\nsources: {a: {adapter: p1}}\nmeters_file: meters.csv\n"
        #expect(loader.load(text, file: "\(folder.path)/bridge.yaml") == nil)
        #expect(loader.problems.sorted.map(\.message) == ["cannot read \(path): it is a pipe or a device"])
    }

    @Test func `a file is read to its limit, whatever size it says it has`() throws {
        #expect(throws: BoundedFile.Fault.tooLarge) { try BoundedFile.read(input: "/dev/zero", limit: 1000) }
        #expect(try !BoundedFile.read(file: "/proc/self/status", limit: 1 << 20).isEmpty)
        #expect(throws: BoundedFile.Fault.tooLarge) { try BoundedFile.read(file: "/proc/self/status", limit: 100) }
    }

    @Test func `every mistake is told with its place`() throws {
        let (configuration, loader, path) = try load(
            """
            id,ids,nam
            house,A1,x
            ,B1
            house,B2
            c,A1 D1,y,z
            d,"A1",
            e,c1
            """, meters: "meters: {e: {ids: [E1]}}")
        #expect(configuration == nil)
        let other = path.replacing("meters.csv", with: "bridge.yaml")
        let found = Set(loader.problems.sorted.map(\.description))
        let expected = [
            "1:8: error: unknown column \"nam\", did you mean \"name\"?", "3:1: error: a meter without \"id\"",
            "4:1: error: the meter \"house\" is declared at \(path):2 already",
            "5:11: error: 4 fields, more than the 3 columns", "6:3: error: the id A1 belongs to \"house\" already",
            "7:1: error: the meter \"e\" is declared at \(other):4 already",
        ]
        #expect(found == Set(expected.map { "\(path):\($0)" }))
    }

    @Test(arguments: [
        ("", "1:1: error: the first line names the columns: id,ids,name,zone,ct,max_power,demand,role,tariffs"),
        ("ids,name\nA,b\n", "1:1: error: there is no column \"id\", the meter's id in the topics"),
    ]) func `a file without columns is none`(table: String, problem: String) throws {
        let (configuration, loader, path) = try load(table)
        #expect(configuration == nil)
        #expect(loader.problems.sorted.map(\.description) == ["\(path):\(problem)"])
    }

    @Test func `a file that is not there is told where it is named`() {
        let loader = ConfigurationLoader(environment: [:])
        let text = "zone: UTC\nsources: {a: {adapter: p1}}\nmeters_file: /nowhere/meters.csv"
        #expect(loader.load(text, file: "bridge.yaml") == nil)
        #expect(
            loader.problems.sorted.map(\.description) == [
                "bridge.yaml:3:14: error: cannot read /nowhere/meters.csv: no such file or directory"
            ])
    }

    @Test func `a changed table takes effect in the running bridge`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        try folder.write("meters.csv", "id,ids,name\nhouse,A1,Before\n")
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {one: {adapter: gplug, labels: gplug-d, subscribe: tele/1/SENSOR}}
            meters_file: meters.csv
            """, in: folder)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/state"])
        try mosquittoPub(port: broker.port, topic: "tele/1/SENSOR", payload: #"{"z":{"SMid":"A1","Pi":0.412}}"#)
        #expect(output.wait { $0.last?.hasPrefix("harmonized/v1/meter/house/state") == true }, "\(bridge.log)")
        #expect(output.messages.last?.contains("\"name\":\"Before\"") == true)
        try folder.write("meters.csv", "id,ids,name\nhouse,A1,After\n")
        #expect(bridge.wait(forLog: "configuration reloaded"), "\(bridge.log)")
        #expect(output.wait { $0.last?.contains("\"name\":\"After\"") == true }, "\(bridge.log)")
        #expect(bridge.stop() == 0)
    }
}
