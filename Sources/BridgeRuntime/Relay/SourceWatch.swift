// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Harmonizer

/// Notices a source whose messages never become a reading. A wrong adapter is otherwise invisible, because an adapter
/// ignores unknown messages as other data.
struct SourceWatch {
    private struct Suspect {
        var advice: AdapterAdvice
        var messages = 0
        var since: Timestamp?
        let place: String
    }

    /// The watched sources by name; a source with a reading is no longer watched.
    private var suspects: [String: Suspect]
    private let start: Timestamp

    /// How long a reading may take, however many pieces it comes in.
    private static let patience = TimeSpan.seconds(30)
    /// How long after the start the watch ends: a reader that sends nothing for so long is reported as
    /// silent.
    private static let limit = TimeSpan.hours(1)

    init(_ configuration: Configuration, at now: Timestamp) {
        start = now
        let placeholders = configuration.profile.placeholders
        suspects = Dictionary(
            configuration.sources.map { source in
                let advice = AdapterAdvice(insteadOf: source.adapter.name, placeholders: placeholders)
                return (source.name, Suspect(advice: advice, place: source.place.map { " (\($0))" } ?? ""))
            }
        ) { first, _ in first }
    }

    /// Examines a message after the pipeline has handled it.
    ///
    /// - Returns: the sentence to log, once per source.
    mutating func note(_ raw: RawMessage, pipeline: Pipeline) -> String? {
        guard !suspects.isEmpty else { return nil }
        guard raw.received - start < Self.limit else {
            suspects = [:]
            return nil
        }
        guard let name = pipeline.source(of: raw.topic), var suspect = suspects[name] else { return nil }
        let counts = pipeline.counters.sources.first { $0.name == name }
        guard counts?.readings == 0 else {
            suspects[name] = nil
            return nil
        }
        // A retained message may be of any age, and an old one is not published.
        guard !raw.isRetained else { return nil }
        suspect.messages += 1
        suspect.advice.hear(raw)
        let since = suspect.since ?? raw.received
        suspect.since = since
        suspects[name] = suspect
        guard suspect.messages >= 3, raw.received - since >= Self.patience else { return nil }
        suspects[name] = nil
        let kinds = (counts?.ignored ?? [:]).keys.sorted().joined(separator: ", ")
        let reason = kinds.isEmpty ? "" : ": not meter data (\(kinds))"
        let advice = suspect.advice.sentence.map { "; it \($0)" } ?? "; obis-bridge discover shows what it is"
        return
            "source \"\(name)\"\(suspect.place): \(suspect.messages) messages on \(raw.topic) and no reading\(reason)\(advice)"
    }
}
