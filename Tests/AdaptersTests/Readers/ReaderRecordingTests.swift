// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import Testing

protocol CustomTestStringConvertibleText: CustomTestStringConvertible, Sendable {}

/// What a user gets who types `obis-bridge discover` and has written nothing: the readers are found, understood and mapped.
@Suite struct ReaderRecordingTests {
    @Test(arguments: ReaderRecording.own) func `a reader is found by what it publishes`(recording: ReaderRecording)
        throws
    {
        let findings = recording.discovery.findings
        #expect(findings.contains { $0.hasMain })
    }

    @Test(arguments: ReaderRecording.own) func `what is proposed reads the recording without a reject`(
        recording: ReaderRecording
    ) throws {
        var pipeline = try Self.pipeline(recording.discovery.findings)
        var publications: [Publication] = []
        for message in recording.messages { publications += pipeline.handle(message) }
        publications += pipeline.flush(at: ReaderRecording.start + .hours(1))
        #expect(pipeline.counters.rejected.isEmpty)
        #expect(publications.contains { $0.topic.hasSuffix("/reading") })
    }

    /// A pipeline of the proposed sources.
    static func pipeline(_ findings: [Finding]) throws -> Pipeline {
        let zone = try #require(Zone("Europe/Zurich"))
        let sources = try findings.enumerated().map { index, finding in
            let labels = finding.labels.flatMap { LabelDictionary.shipped(named: $0) }
            let adapter = try #require(AdapterRegistry.make(finding.adapter, options: AdapterOptions(labels: labels)))
            return Source(
                name: "source-\(index)", adapter: adapter, filters: finding.subscribe.compactMap { TopicPattern($0) },
                zone: zone, meter: finding.needsMeter ? "meter-\(index)" : nil)
        }
        return Pipeline(Pipeline.Settings(bridge: "test", profile: try Profile(), sources: sources))
    }

    @Test(arguments: [
        ("shelly-gen2", 1), ("shelly-gen2-rpc", 1), ("shelly-gen2-mono", 2), ("shelly-gen1", 1), ("shelly-em-gen1", 2),
        ("amsreader-ha", 1), ("amsreader-flat", 1), ("amsreader-raw", 1), ("sml2mqtt", 2), ("wmbusmeters", 4),
        ("glow", 1),
        ("victron", 1), ("mbmd", 2), ("z2m", 2), ("linky-tasmota", 2),
    ])
    func `each physical meter is one meter`(name: String, meters: Int) throws {
        let recording = try #require(ReaderRecording.own.first { $0.name == name })
        var pipeline = try Self.pipeline(recording.discovery.findings)
        var publications: [Publication] = []
        for message in recording.messages { publications += pipeline.handle(message) }
        publications += pipeline.flush(at: ReaderRecording.start + .hours(1))
        let found = publications.filter { $0.topic.hasSuffix("/reading") }.compactMap { publication in
            publication.topic.split(separator: "/").dropLast().last.map(String.init)
        }
        #expect(Set(found).count == meters, "\(Set(found).sorted())")
    }

    /// The ones that need something a recording does not have: words of their user's, a number that only its user knows, bytes.
    static let unfound: Set = [
        "amsreader-domoticz", "binary-hdlc", "binary-sml", "ha-statestream", "vzlogger-ts",
    ]

    @Test func `the readers of the corpus are found without a line of configuration`() {
        let missing = ReaderRecording.corpus.filter { $0.discovery.findings.isEmpty }.map(\.name)
        #expect(Set(missing).subtracting(Self.unfound) == [])
    }

    @Test func `the table of readers says what is found`() throws {
        let tests = #filePath.split(separator: "/Tests/")[0]
        let page = try String(contentsOfFile: "\(tests)/docs/sources/README.md", encoding: .utf8)
        let rows = ReaderRecording.own.sorted { $0.title.lowercased() < $1.title.lowercased() }.map(\.row)
        let table = rows.joined(separator: "\n")
        if !page.contains(table) { Issue.record("docs/sources/README.md has to have these rows:\n\(table)") }
    }
}
