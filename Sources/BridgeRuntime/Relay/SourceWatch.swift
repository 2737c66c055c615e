// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Harmonizer

/// Notices a source that sends and never becomes a reading: a wrong adapter makes no other sound, because what an adapter does
/// not know is not meter data to it.
struct SourceWatch {
    private struct Suspect {
        var advice: AdapterAdvice
        var messages = 0
        var since: Timestamp?
        let place: String
    }

    /// By name; a source with a reading is no longer looked at.
    private var suspects: [String: Suspect]
    private let start: Timestamp

    /// What one message of a meter takes to become a reading, however many pieces it comes in.
    private static let patience = TimeSpan.seconds(30)
    /// After this time nobody is looked at any more: a reader that is silent for so long is told by its silence.
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

    /// Looks at a message after the pipeline has handled it.
    ///
    /// - Returns: what to log, once for a source.
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
        // What the broker kept may be of any age, and is then not published.
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
        let advice = suspect.advice.sentence.map { "; it \($0)" } ?? "; obis-bridge discover says what it is"
        return
            "source \"\(name)\"\(suspect.place): \(suspect.messages) messages on \(raw.topic) and no reading\(reason)\(advice)"
    }
}
