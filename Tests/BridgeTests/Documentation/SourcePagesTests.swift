// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest

/// The pages of docs/sources and docs/getting-started: what arrives on a page becomes what the page says.
@Suite struct SourcePagesTests {
    /// A page with an example: a configuration, a block of messages and a block of publications.
    struct Page: CustomTestStringConvertible {
        let name: String
        let folder: String
        private let page: DocumentationPage
        var testDescription: String { "\(folder)/\(name)" }

        init(_ page: DocumentationPage) {
            self.page = page
            let levels = page.path.split(separator: "/").map(String.init)
            name = levels.last ?? ""
            folder = levels.dropLast().joined(separator: "/")
        }

        /// The fenced blocks with this info string.
        func blocks(_ info: String) -> [String] { page.blocks.filter { $0.language == info }.map(\.text) }

        /// Files that it shows beside its configuration.
        var files: [DocumentationPage.Block] { page.blocks.filter { $0.file != nil } }
    }

    static let pages = DocumentationPage.all
        .filter { $0.path.hasPrefix("docs/sources/") && $0.path != "docs/sources/README.md" }.map(Page.init)

    private static let guides = DocumentationPage.all.filter { $0.path.hasPrefix("docs/getting-started/") }
        .map(Page.init)

    private static func hasExample(_ page: Page) -> Bool { page.blocks("text").count == 2 }

    static let examples = pages.filter(hasExample)

    @Test(arguments: examples + guides.filter(hasExample)) func `what arrives becomes what the page says`(page: Page)
        throws
    {
        let sources = try sources(of: page)
        var pipeline = Pipeline(sources)
        var now = try #require(RFC3339.instant("2026-11-20T22:40:02Z"))
        var publications: [Publication] = []
        for (topic, payload) in Self.messages(in: page.blocks("text")[0], for: sources.sources) {
            publications += pipeline.handle(RawMessage(topic: topic, payload: Array(payload.utf8), received: now))
            now += .milliseconds(10)
        }
        publications += pipeline.flush(at: now)
        #expect(pipeline.counters.rejected.isEmpty)
        let found = publications.filter { $0.topic.contains("/obis/") }
            .map { "\($0.topic) \(String(decoding: $0.payload, as: UTF8.self))\n" }.joined()
        #expect(!found.isEmpty)
        if found != page.blocks("text")[1] { Issue.record("the page has to say:\n\(found)") }
    }

    /// The page's configuration, with the files that it shows beside it.
    func sources(of page: Page) throws -> Pipeline.Settings {
        let folder = try TemporaryDirectory()
        for block in page.files { try folder.write(block.file ?? "", block.text) }
        let text = try #require((page.blocks("yaml bridge.yaml") + page.blocks("yaml")).first)
        return try Self.settings(text, in: folder)
    }

    static func settings(_ text: String, in folder: TemporaryDirectory) throws -> Pipeline.Settings {
        // The reader of the page has made it in the step before.
        if text.contains("password_file: password") { try folder.write("password", "a new password\n") }
        let loader = ConfigurationLoader(environment: [:])
        let configuration = loader.load(text, file: "\(folder.path)/bridge.yaml")
        #expect(loader.problems.sorted.filter { !$0.isWarning } == [])
        var settings = try #require(configuration).pipelineSettings
        for index in settings.sources.indices where settings.sources[index].filters.isEmpty {
            let name = settings.sources[index].name
            settings.sources[index].filters = ["http/\(name)", "udp/\(name)"].compactMap { TopicPattern($0) }
        }
        return settings
    }

    /// A line that begins with a topic of a source is a message; other lines continue it, as a telegram's do.
    static func messages(in block: String, for sources: [Source]) -> [(topic: String, payload: String)] {
        var messages: [(topic: String, payload: String)] = []
        for line in block.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 1)
            let topic = words.first.map(String.init) ?? ""
            if words.count == 2, sources.contains(where: { $0.filters.contains { $0.captures(topic) != nil } }) {
                messages.append((topic, String(words[1])))
            } else if !messages.isEmpty {
                messages[messages.count - 1].payload += "\r\n\(line)"
            }
        }
        return messages
    }

    @Test func `the pages have examples`() { #expect(Self.examples.count >= 15) }

    @Test func `the list of readers names every adapter and every page`() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: DocumentationTests.root.appendingPathComponent(path), encoding: .utf8)
        }
        let list = try text("docs/sources/README.md")
        for (name, _) in AdapterRegistry.all { #expect(list.contains("`\(name)`"), "\(name)") }
        for page in Self.pages { #expect(list.contains("(\(page.name))"), "\(page.name)") }
        // One of them is `json` itself. A round number, so that a new reader does not have to count the others.
        let count = AdapterRegistry.all.count - 1
        let claims = [
            try text("docs/features.md").firstMatch(of: #/\| over (\d+) and any JSON \|/#)?.output.1,
            try text("README.md").firstMatch(of: #/\*\*over (\d+) kinds of readers\*\* and any other JSON/#)?.output.1,
        ]
        for claim in claims { #expect(claim.flatMap { Int($0) }.map { $0 < count } == true, "\(claim ?? "nothing")") }
    }
}
