// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

/// A program or device that publishes a P1 telegram in its own way: the messages that it makes of `PublishedTelegram`, written
/// from its documentation or source, and what it loses on the way.
struct Publisher: Sendable, CustomTestStringConvertible {
    let name: String
    /// The adapter that reads it.
    let adapter: String
    let filters: [String]
    let messages: [(topic: String, payload: [UInt8])]
    /// Contents of the telegram that do not arrive, with the reason.
    let losses: [(reason: String, contents: [String])]
    /// What arrives in another form, or besides.
    let others: [String: String]

    var testDescription: String { name }

    /// The meter of a source whose payloads have no id.
    static let unnamed = MeterID.fitted("source", hashing: ["source", ""])

    init(
        _ name: String, adapter: String, filters: [String], _ messages: [(String, String)],
        losses: [(reason: String, contents: [String])] = [], others: [String: String] = [:]
    ) {
        self.name = name
        self.adapter = adapter
        self.filters = filters
        self.messages = messages.map { ($0.0, Array($0.1.utf8)) }
        self.losses = losses
        self.others = others
    }

    /// What must come out of the bridge.
    var expected: [String: String] {
        var expected = PublishedTelegram.content
        for content in losses.flatMap(\.contents) { expected[content] = nil }
        return expected.merging(others) { $1 }
    }

    /// What comes out of the bridge when the messages arrive a hundredth of a second apart.
    func published() throws -> [String: String] {
        let adapter = try #require(AdapterRegistry.make(adapter), "no such adapter")
        let zone = try #require(Zone("Europe/Amsterdam"))
        let source = Source(
            name: "source", adapter: adapter, filters: try filters.map { try #require(TopicPattern($0)) }, zone: zone)
        var pipeline = Pipeline(Pipeline.Settings(bridge: "test", profile: try Profile(), sources: [source]))
        var now = try #require(RFC3339.instant("2024-04-26T20:33:27Z"))
        var publications: [Publication] = []
        for message in messages {
            publications += pipeline.handle(
                RawMessage(topic: message.topic, payload: message.payload, received: now))
            now += .milliseconds(10)
        }
        publications += pipeline.flush(at: now)
        #expect(pipeline.counters.rejected.isEmpty)
        return try Self.content(of: publications)
    }

    private static func content(of publications: [Publication]) throws -> [String: String] {
        var content: [String: String] = [:]
        for publication in publications {
            if publication.topic.hasSuffix("/reading") {
                let reading = try JSONDocument.parse(publication.payload).root
                content["meter"] = reading["meter"]?.text
                content["time"] = reading["time_source"]?.text == "bridge" ? nil : reading["time"]?.text
                for register in reading.member(Array("registers".utf8))?.members.map({ $0 }) ?? []
                where register.value["derived"] == nil {
                    let unit = register.value["unit"]?.text.map { " " + $0 } ?? ""
                    let value = register.value["value"]?.literal.string ?? ""
                    #expect(content[register.key.string] == nil, "\(register.key.string) twice")
                    content[register.key.string] = value + unit
                    content[register.key.string + " time"] = register.value["time"]?.text
                }
            } else if publication.topic.hasSuffix("/info"), publication.topic.contains("/meter/") {
                let info = try JSONDocument.parse(publication.payload).root
                for device in info.member(Array("submeters".utf8))?.elements.map(\.value) ?? [] {
                    let channel = device["channel"]?.literal.string ?? ""
                    let id = device["id"]?.text.map { " " + $0 } ?? ""
                    content["submeter \(channel)"] = (device["medium"]?.text ?? "") + id
                }
            }
        }
        return content
    }
}
