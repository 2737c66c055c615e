// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

/// Schedules the publication of `health`: at the start and every minute; sooner, at most every ten seconds, when a
/// problem of the bridge itself begins or ends. More publications would fill the histories of consumers.
package struct HealthReport: Sendable {
    typealias Instant = ContinuousClock.Instant

    private let started: Instant
    private let startedAt: Timestamp
    private var last: Last?

    private struct Last {
        var instant: Instant
        var counters: Counters
        var problems: Problems
    }

    /// The problems of the bridge itself; a change of them causes an extra publication.
    private struct Problems: Equatable {
        var configuration: String?
        var crashGuard: String?
        var history: String?
    }

    init(started: Instant = .now, at startedAt: Timestamp = SystemClock.now) {
        self.started = started
        self.startedAt = startedAt
    }

    /// The publication that is due now; nil when none is.
    mutating func publication(
        of pipeline: Pipeline, configurationProblem: String? = nil, crashGuardProblem: String? = nil,
        historyProblem: String? = nil, dropped: Int = 0, logLinesLost: Int = 0, at time: Timestamp = SystemClock.now,
        now: Instant = .now
    ) -> Publication? {
        let problems = Problems(
            configuration: configurationProblem, crashGuard: crashGuardProblem, history: historyProblem)
        let elapsed = last.map { now - $0.instant }
        if let last, let elapsed {
            guard elapsed >= .seconds(10) else { return nil }
            guard last.problems != problems || elapsed >= .seconds(60) else { return nil }
        }
        let earlier = last.flatMap { last in elapsed.map { (last.counters, TimeSpan($0)) } }
        var facts = ProcessFacts(
            uptime: TimeSpan(now - started), memory: Self.residentMemory, earlier: earlier,
            configurationProblem: configurationProblem, dropped: dropped, logLinesLost: logLinesLost,
            crashGuardProblem: crashGuardProblem, started: startedAt)
        facts.historyProblem = historyProblem
        last = Last(instant: now, counters: pipeline.counters, problems: problems)
        return pipeline.health(facts, at: time)
    }

    /// Physical memory in bytes, as Linux counts it (proc(5), `/proc/self/statm`: the second number, in pages).
    package static var residentMemory: Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages.multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE)))).partialValue
    }
}
