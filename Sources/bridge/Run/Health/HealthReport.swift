// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// When `health` is published: at the start, after a change at most every ten seconds, and every minute.
struct HealthReport: Sendable {
    typealias Instant = ContinuousClock.Instant

    private let started: Instant
    private var last: Last?

    private struct Last {
        var instant: Instant
        var counters: Counters
        var vitals: Vitals
        var circumstances: Circumstances
    }

    /// What the pipeline does not know, and a change of which is worth a publication.
    private struct Circumstances: Equatable {
        var configurationProblem: String?
        var crashGuardProblem: String?
        var dropped: Int
        var logLinesLost: Int
    }

    init(started: Instant = .now) { self.started = started }

    /// The publication that is due now, nil while none is.
    mutating func publication(
        of pipeline: Pipeline, configurationProblem: String? = nil, crashGuardProblem: String? = nil, dropped: Int = 0,
        logLinesLost: Int = 0, at time: Timestamp = SystemClock.now,
        now: Instant = .now
    ) -> Publication? {
        let circumstances = Circumstances(
            configurationProblem: configurationProblem, crashGuardProblem: crashGuardProblem, dropped: dropped,
            logLinesLost: logLinesLost)
        let elapsed = last.map { now - $0.instant }
        if let last, let elapsed {
            guard elapsed >= .seconds(10) else { return nil }
            let isChanged = last.vitals != pipeline.vitals || last.circumstances != circumstances
            guard isChanged || elapsed >= .seconds(60) else { return nil }
        }
        let earlier = last.flatMap { last in elapsed.map { (last.counters, $0.milliseconds) } }
        let facts = ProcessFacts(
            uptime: (now - started).milliseconds, memory: Self.residentMemory, earlier: earlier,
            configurationProblem: configurationProblem, dropped: dropped, logLinesLost: logLinesLost,
            crashGuardProblem: crashGuardProblem)
        last = Last(
            instant: now, counters: pipeline.counters, vitals: pipeline.vitals, circumstances: circumstances)
        return pipeline.health(facts, at: time)
    }

    /// Bytes of physical memory, as Linux counts them (proc(5), `/proc/self/statm`: the second number, in pages).
    private static var residentMemory: Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages.multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE)))).partialValue
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
