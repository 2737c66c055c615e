// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Both brokers do at random whatever a broker may do: no rule of MQTT is broken by the bridge, nothing is lost, nothing is acknowledged
/// early, and the last word on each topic is the newest.
///
/// A minute here; `Scripts/brokers --misbehave MINUTES` runs it for an hour.
@Suite(.serialized, .timeLimit(.minutes(12 * Patience.factor))) struct MisbehaviourTests {
    @Test(arguments: MisbehaviourEpisode.chosen)
    func `the bridge keeps to the rules and loses nothing`(episode: MisbehaviourEpisode) async throws {
        try await onOwnThread { try Self.endure(episode) }
    }

    private static func endure(_ episode: MisbehaviourEpisode) throws {
        let run = try MisbehaviourRun(episode)
        run.publish()
        run.behave()
        let isComplete = run.awaitAll()
        let last = try run.endings()
        let tally = run.tally
        let deeds = run.deeds
        let missing = run.missing
        RunTable.report(
            "| \(episode) | \(run.count * MisbehaviourRun.meters) | \(deeds.values.reduce(0, +)) | \(run.connections) | "
                + "\(run.violations.count) | \(missing.count) | \(tally.rejected.count) | \(tally.duplicates) | \(tally.late) | "
                + "\(tally.owed.count) | "
                + deeds.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
                .joined(separator: ", ") + " |")
        #expect(run.violations.isEmpty)
        #expect(isComplete && missing.isEmpty, "lost: \(missing.prefix(20))\n\(run.log)")
        #expect(tally.owed.isEmpty, "overtaken, and not sent again: \(tally.owed.prefix(20))")
        #expect(last.seen == last.expected, "the last that came")
        #expect(last.retained == Array(repeating: run.count, count: MisbehaviourRun.meters), "what is retained")
        #expect(!run.hasEnded, "the process ended by itself\n\(run.log)")
        // Otherwise nothing was tried.
        #expect(deeds.count >= 4, "\(deeds)")
    }
}

/// Some time with brokers that misbehave.
struct MisbehaviourEpisode: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    var seed: UInt64
    var seconds: Double
    var version: String

    var description: String { "seed \(seed), MQTT \(version), \(Int(seconds)) s" }
    var testDescription: String { description }

    /// `OBIS_MISBEHAVE_MINUTES` of five minutes each, every fourth with MQTT 3.1.1, the seeds from `OBIS_MISBEHAVE_SEED` on; a minute
    /// unless told.
    static var chosen: [MisbehaviourEpisode] {
        guard let minutes = RunTable.setting("OBIS_MISBEHAVE_MINUTES") else {
            return [
                MisbehaviourEpisode(seed: 1, seconds: 25, version: "5"),
                MisbehaviourEpisode(seed: 2, seconds: 15, version: "3.1.1"),
            ]
        }
        let first = UInt64(clamping: RunTable.setting("OBIS_MISBEHAVE_SEED") ?? 1)
        let count = max(1, (minutes + 4) / 5)
        return (0..<count).map { index in
            MisbehaviourEpisode(
                seed: first + UInt64(index), seconds: Double(minutes * 60) / Double(count),
                version: index % 4 == 3 ? "3.1.1" : "5")
        }
    }
}
