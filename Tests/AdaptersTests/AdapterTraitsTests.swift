// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import Adapters

/// What other code asks an adapter, so that none has to know one by its name.
@Suite struct AdapterTraitsTests {
    private func adapter(_ name: String) throws -> any Adapter { try #require(AdapterRegistry.make(name)) }

    private func device(_ adapter: String, _ topic: String, _ payload: String) throws -> String? {
        let message = RawMessage(topic: topic, payload: Array(payload.utf8), received: Timestamp(seconds: 0))
        return try self.adapter(adapter).device(recognisedIn: message)
    }

    @Test func `meters say their units, formats fix them, scripts may change them`() {
        let origins = Dictionary(
            uniqueKeysWithValues: AdapterRegistry.all.map { ($0.name, $0.make(AdapterOptions()).units) })
        #expect(origins.filter { $0.value == .script }.keys.sorted() == ["gplug", "json", "tasmota"])
        #expect(origins.filter { $0.value == .message }.keys.sorted() == AdapterRegistry.ofMeters.sorted())
    }

    @Test func `a telegram and a sensor message are known wherever they are published`() throws {
        #expect(try device("p1", "attic/bytes", "/KFM5KAIFA-METER\r\n") == "attic/bytes")
        #expect(try device("p1", "attic/bytes", #"{"SerialReceived":"2F4B"}"#) == "attic/bytes")
        #expect(try device("p1", "attic/bytes", #"{"power":1}"#) == nil)
        #expect(try device("tasmota", "my/own/reader/SENSOR", "{}") == "my/own/reader")
        #expect(try device("tasmota", "my/own/reader", "{}") == nil)
        #expect(try device("frames", "attic/bytes", "hello, this is no frame") == nil)
    }

    @Test func `only topics of Tasmota have the name of a computer`() throws {
        #expect(try adapter("gplug").host(in: "tele/gPlugD_5A1B2C/SENSOR") == "gPlugD_5A1B2C")
        #expect(try adapter("tasmota").host(in: "stat/STATUS8") == nil)
        #expect(try adapter("p1").host(in: "tele/gPlugD_5A1B2C/SENSOR") == nil)
    }

    @Test func `no source file outside the adapters knows one by its name`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources")
            .standardizedFileURL
        // `json` is what files and payloads are, too.
        let words = AdapterRegistry.all.map { "\"\($0.name)\"" }.filter { $0 != "\"json\"" }
        let files =
            FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        var found: [String] = []
        for file in files
        where file.pathExtension == "swift" && !file.path.contains("/Sources/Adapters/")
            && !file.path.contains("/Sources/ShippedFiles/")
        {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            let code = lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            for line in code where words.contains(where: line.contains) {
                found.append("\(file.lastPathComponent): \(line)")
            }
        }
        #expect(files.count > 300 && found.isEmpty, "\(found)")
    }
}
