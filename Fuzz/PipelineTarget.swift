// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// The whole pipeline with a source of every adapter: messages, retained messages and time in any order.
///
/// With any input, nothing is published outside the bridge's own topics, no payload adds a topic level or a wildcard,
/// and nothing is open after a flush.
struct PipelineTarget: FuzzTarget {
    /// Copied for each input: creating one costs more than most inputs.
    private let unused: Pipeline?
    private let topics: [String]

    init() {
        let profile = try? Profile()
        let sources = AdapterRegistry.all.map { name, make in
            let adapter = make(AdapterOptions())
            let filters = [TopicPattern("\(name)/#")] + adapter.defaultFilters.map { TopicPattern($0) }
            return Source(name: name, adapter: adapter, filters: filters.compactMap(\.self), zone: .utc)
        }
        unused = profile.map { Pipeline(Pipeline.Settings(bridge: "fuzz", profile: $0, sources: sources)) }
        topics = sources.flatMap { source in
            ["\(source.name)/a/b", "\(source.name)/tele/x/SENSOR"]
                + source.filters.dropFirst().map {
                    $0.filter.replacing("+", with: "dev").replacing("#", with: "12345/ACTIVE_POWER_P")
                }
        }
    }

    mutating func run(_ bytes: [UInt8]) {
        guard var pipeline = unused else { preconditionFailure("the shipped profile has a mistake") }
        var now = Timestamp(seconds: 1_795_217_228)
        // The format of a message: two bytes for the topic, the first of them not NUL, one for time and retain, then the
        // payload up to NUL NUL.
        for message in Self.messages(bytes) {
            guard message.count >= 3 else { continue }
            let head = Array(message.prefix(3))
            let (topic, control) = (Int(head[0]) << 8 | Int(head[1]), head[2])
            now += .milliseconds(Int64(control & 0x7F) * Int64(control & 0x7F))
            check(pipeline.advance(to: now))
            let raw = RawMessage(
                topic: topics[topic % topics.count], payload: Array(message.dropFirst(3)),
                isRetained: control & 0x80 != 0, received: now)
            check(pipeline.handle(raw))
        }
        check(pipeline.flush(at: now))
        precondition(!pipeline.hasOpenGroups)
        for diagnostic in pipeline.takeDiagnostics() { precondition(!diagnostic.description.contains("\u{1b}")) }
    }

    private func check(_ publications: [Publication]) {
        for publication in publications {
            precondition(publication.topic.hasPrefix("harmonized/v1/"), publication.topic)
            let levels = publication.topic.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            precondition(levels.count <= 6 && !levels.contains { $0.isEmpty }, publication.topic)
            precondition(!publication.topic.utf8.contains { $0 == 0 || $0 == 0x23 || $0 == 0x2B }, publication.topic)
        }
    }

    /// At most eight messages: an error between messages shows between a few of them.
    private static func messages(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var messages: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index + 1 < bytes.count, messages.count < 7 {
            if bytes[index] == 0, bytes[index + 1] == 0 {
                messages.append(bytes[start..<index])
                start = index + 2
                index = start
            } else {
                index += 1
            }
        }
        return messages + [bytes[min(start, bytes.count)...]]
    }
}
