// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// What comes of messages when `discover` alone configures the bridge: the readers that it finds, and what each meter publishes.
struct ReaderOutcome {
    /// The proposed adapters, sorted.
    var adapters: [String]
    /// The ids that the findings name.
    var ids: Set<String>
    /// For each meter its registers with values, `1-0:1.8.0 12.5`, sorted; the meters sorted.
    var meters: [[String]]
    var rejected: Bool

    init(_ messages: [RawMessage]) throws {
        var discovery = Discovery(placeholders: ["12345", "unknown"])
        for message in messages { discovery.hear(message) }
        try self.init(messages, findings: discovery.findings)
    }

    /// - Parameter findings: the sources that read the messages.
    init(_ messages: [RawMessage], findings: [Finding]) throws {
        adapters = findings.map(\.adapter).sorted()
        ids = Set(findings.compactMap(\.id))
        var pipeline = try ReaderRecordingTests.pipeline(findings)
        var publications: [Publication] = []
        for message in messages { publications += pipeline.handle(message) }
        publications += pipeline.flush(at: ReaderRecording.start + .hours(1))
        rejected = !pipeline.counters.rejected.isEmpty
        var values: [String: [String: String]] = [:]
        for publication in publications {
            let levels = publication.topic.split(separator: "/").map(String.init)
            // The meter that a device was taken for before its id was known.
            if levels.last == "info", publication.payload.isEmpty { values[levels[levels.count - 2]] = nil }
            guard levels.count > 2, levels[levels.count - 2] == "obis", let code = levels.last else { continue }
            // An empty one takes a value back: what a meter was called before its id was known.
            let value = String(decoding: publication.payload, as: UTF8.self)
            values[levels[levels.count - 3], default: [:]][code] = value.isEmpty ? nil : value
        }
        meters = values.values.filter { !$0.isEmpty }.map { $0.map { "\($0.key) \($0.value)" }.sorted() }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
    }

    /// The registers of each meter, without values.
    var codes: [[String]] {
        meters.map { $0.compactMap { $0.split(separator: " ").first.map(String.init) } }
            .sorted { $0.lexicographicallyPrecedes($1) }
    }
}
