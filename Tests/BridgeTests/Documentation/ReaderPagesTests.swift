// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeRuntime
@testable import PlugTest

/// The pages of readers: what arrives (`text heard`), what is written for it, and what comes out (`text published`). `yaml sources` is what
/// `discover` writes, word for word; `yaml bridge.yaml` with files beside it is what a person writes.
///
/// With OBIS_WRITE_GOLDEN set the sources and what comes out are written into the pages instead: look at the difference.
@Suite(.serialized) struct ReaderPagesTests {
    /// One reader of a page.
    struct Example: CustomTestStringConvertible, Sendable {
        let page: String
        let heard: DocumentationPage.Block
        let written: DocumentationPage.Block
        let published: DocumentationPage.Block
        /// Files beside a `bridge.yaml`.
        let files: [DocumentationPage.Block]
        var testDescription: String { "\(page):\(heard.line)" }
        var isDiscovered: Bool { written.language == "yaml sources" }

        var messages: [RawMessage] {
            var now = Timestamp(seconds: 1_795_214_402)
            return heard.text.split(separator: "\n").map { line in
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                defer { now += .milliseconds(10) }
                return RawMessage(
                    topic: words[0], payload: Array((words.count > 1 ? words[1] : "").utf8), received: now)
            }
        }

        /// What `discover` would write for the messages.
        var discovered: String {
            var discovery = Discovery(placeholders: ["12345", "unknown"])
            for message in messages { discovery.hear(message) }
            return Self.withoutZone(DiscoveryYAML(discovery.findings).text ?? "")
        }

        /// The zone of a reader's clock is written where it is not the zone of the computer.
        static func withoutZone(_ text: String) -> String { text.replacing(/, zone: [A-Za-z\/]+/, with: "") }
    }

    static let examples: [Example] = DocumentationPage.all.flatMap { page -> [Example] in
        var examples: [Example] = []
        var heard: DocumentationPage.Block?
        var written: DocumentationPage.Block?
        var files: [DocumentationPage.Block] = []
        for block in page.blocks {
            switch block.language {
            case "text heard": (heard, written, files) = (block, nil, [])
            case "yaml sources", "yaml bridge.yaml": written = written ?? block
            case "text published":
                guard let first = heard, let second = written else { continue }
                examples.append(Example(page: page.path, heard: first, written: second, published: block, files: files))
                heard = nil
            default: if block.file != nil { files.append(block) }
            }
        }
        return examples
    }

    @Test(arguments: examples) func `what a page says of a reader is what happens`(example: Example) throws {
        let isWriting = ProcessInfo.processInfo.environment["OBIS_WRITE_GOLDEN"] != nil
        var sources = example.written.text
        if example.isDiscovered {
            if isWriting { sources = example.discovered } else { #expect(sources == example.discovered) }
        }
        let folder = try TemporaryDirectory()
        for file in example.files { try folder.write(file.file ?? "", file.text) }
        let settings = try SourcePagesTests.settings(
            (example.isDiscovered ? "zone: Europe/Berlin\n" : "") + sources, in: folder)
        var pipeline = Pipeline(settings)
        var publications: [Publication] = []
        for message in example.messages { publications += pipeline.handle(message) }
        publications += pipeline.flush(at: Timestamp(seconds: 1_795_215_000))
        #expect(pipeline.counters.rejected.isEmpty)
        let found = publications.filter { $0.topic.contains("/obis/") }
            .map { "\($0.topic) \(String(decoding: $0.payload, as: UTF8.self))\n" }.joined()
        #expect(!found.isEmpty)
        guard isWriting else {
            if found != example.published.text { Issue.record("the page has to say:\n\(found)") }
            return
        }
        let path = DocumentationPage.root.appendingPathComponent(example.page)
        var text = try String(contentsOf: path, encoding: .utf8)
        let blocks = [
            (example.written, example.isDiscovered ? sources : example.written.text), (example.published, found),
        ]
        for (block, new) in blocks {
            let start = try #require(text.range(of: "```text heard\n\(example.heard.text)")).upperBound
            let old = "```\(block.language)\n\(block.text)```"
            let place = try #require(text.range(of: old, range: start..<text.endIndex))
            text.replaceSubrange(place, with: "```\(block.language)\n\(new)```")
        }
        try text.write(to: path, atomically: true, encoding: .utf8)
    }

    @Test func `the readers that most people own have a page`() throws {
        let own = Set(
            Self.examples.filter(\.isDiscovered).flatMap { $0.written.text.matches(of: /adapter: ([a-z0-9-]+)/) }.map {
                String($0.output.1)
            })
        let named: Set = [
            "shelly", "shelly-3em", "shelly-em", "whatwatt", "amsreader", "esphome", "zigbee2mqtt", "zlinky",
            "wmbusmeters", "vzlogger",
            "vzlogger-d0", "sml2mqtt", "tasmota-energy", "teleinfo", "ai-on-the-edge", "evcc", "victron", "glow",
        ]
        #expect(named.subtracting(own) == [])
    }
}
