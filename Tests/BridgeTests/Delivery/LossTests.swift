// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// At least once: whatever was acknowledged to a publisher comes out, whatever happens to the bridge, its brokers and the
/// network between them.
///
/// Short here; `Scripts/kill` runs them for an evening.
@Suite(.serialized, .timeLimit(.minutes(LossScale.isLong ? 120 : 12 * Patience.factor))) struct LossTests {
    @Test(arguments: LossScenario.chosen) func `nothing is lost`(scenario: LossScenario) async throws {
        // Blocking for long, not on one of the few threads that all tests share.
        try await onOwnThread { try Self.endure(scenario) }
    }

    private static func endure(_ scenario: LossScenario) throws {
        let run = try LossRun(scenario)
        let started = ContinuousClock.now
        let messages = (scenario.isBacklog ? LossScale.backlog : LossScale.messages) / scenario.slowness
        let count = max(1, messages / scenario.messagesPerNumber)
        let blows = try run.endure(count: count, blows: LossScale.blows)
        let isComplete = run.awaitAll(count, quiet: 90)
        let tally = run.sink.tally.value
        run.finish()
        let missing = (1...count).filter { !tally.seen.contains($0) }
        let broker = run.lostByBroker(missing)
        let lost = missing.count - broker.connected - broker.away
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        RunTable.report(
            "| \(scenario.rawValue) | \(count * scenario.messagesPerNumber) | \(blows) | \(lost) | \(broker.connected) / \(broker.away) | "
                + "\(tally.duplicates) | \(tally.outOfOrder) | \(run.peakMemory >> 20) MB | \(run.hasEnded ? "yes" : "no") | \(Int(seconds)) s |"
        )
        if ProcessInfo.processInfo.environment["OBIS_KILL_LOG"] != nil { print(run.log) }
        #expect(lost == 0, "\(lost) lost: \(run.story(of: tally.missing(count)))\n\(run.log)")
        #expect(isComplete || scenario == .mixed, "\(missing.prefix(20))\n\(run.log)")
        #expect(!run.hasEnded, "the process ended by itself\n\(run.log)")
        #expect(run.violations.isEmpty, "\(run.violations)")
        if let growth = run.memoryGrowth {
            print("\(scenario.rawValue): the memory grew by \(growth >> 10) KiB")
            #expect(growth < 8 << 20, "what waits is to wait in the broker")
        }
        // What comes again may be old; what comes for the first time comes in order.
        // Behind a refused publication others were on their way already; they come again behind it.
        #expect(tally.outOfOrder == 0 || scenario.refuses)
    }
}

/// How much of it: little in every test run, much in `Scripts/kill`.
private enum LossScale {
    /// How often something happens in each scenario.
    static let blows = setting("OBIS_KILLS", 2)
    static let messages = setting("OBIS_KILL_MESSAGES", 600)
    static let backlog = setting("OBIS_KILL_BACKLOG", 1500)
    static let isLong = blows > 20

    private static func setting(_ name: String, _ standard: Int) -> Int { RunTable.setting(name) ?? standard }
}
