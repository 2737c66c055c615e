// SPDX-License-Identifier: Apache-2.0

/// What `health` says about the process, which a pipeline cannot know.
public struct ProcessFacts: Sendable, Equatable {
    /// Milliseconds since it started.
    public var uptime: Int64
    /// When it started; nil when nobody knows.
    public var started: Timestamp?
    /// Resident memory in bytes; nil when nobody knows.
    public var memory: Int?
    /// The counters of an earlier moment and the milliseconds since, for the rates; nil for none yet.
    public var earlier: (counters: Counters, milliseconds: Int64)?
    /// Why the files on disk are not the configuration in force; nil when they are.
    public var configurationProblem: String?
    /// Messages of `http` and `udp` inputs that were dropped because nobody could wait for the outputs.
    public var dropped: Int

    /// Lines of the log that could not be written.
    public var logLinesLost: Int
    /// Why a message that ends the bridge would not be recognised; nil when it would.
    public var crashGuardProblem: String?

    /// Makes facts.
    public init(
        uptime: Int64, memory: Int?, earlier: (counters: Counters, milliseconds: Int64)?,
        configurationProblem: String? = nil, dropped: Int = 0, logLinesLost: Int = 0, crashGuardProblem: String? = nil,
        started: Timestamp? = nil
    ) {
        self.logLinesLost = logLinesLost
        self.crashGuardProblem = crashGuardProblem
        self.started = started
        self.dropped = dropped
        self.uptime = uptime
        self.memory = memory
        self.earlier = earlier
        self.configurationProblem = configurationProblem
    }

    /// By what is published of them.
    public static func == (one: ProcessFacts, other: ProcessFacts) -> Bool {
        one.uptime == other.uptime && one.started == other.started && one.memory == other.memory
            && one.earlier?.counters == other.earlier?.counters
            && one.earlier?.milliseconds == other.earlier?.milliseconds
            && one.configurationProblem == other.configurationProblem && one.dropped == other.dropped
            && one.logLinesLost == other.logLinesLost && one.crashGuardProblem == other.crashGuardProblem
    }
}

/// What somebody who watches `health` wants to hear about at once, and not with the next minute.
public struct Vitals: Sendable, Equatable {
    /// Messages not understood.
    public var rejected = 0
    /// Readings with a repair that doubts a value.
    public var doubts = 0
    /// Meters known.
    public var meters = 0
    /// Meters whose reader has not said goodbye.
    public var online = 0
    /// Labels without an OBIS code.
    public var unknownLabels = 0
}

extension Pipeline {
    /// What a change of is worth a publication.
    public var vitals: Vitals {
        Vitals(
            rejected: counters.rejected.values.reduce(0, +),
            doubts: counters.fixes.reduce(0) { $1.key.level == .doubt ? $0 + $1.value : $0 },
            meters: meters.count, online: meters.count { $0.isOnline == true }, unknownLabels: counters.unknownLabels)
    }

    /// `…/bridge/<bridge>/health`; nil when the profile has switched it off.
    public func health(_ facts: ProcessFacts, at now: Timestamp) -> Publication? {
        let rule = profile.topics.health
        guard rule.isEnabled else { return nil }
        let encoder = HealthEncoder(schema: profile.schema, counters: counters, vitals: vitals, worst: worstMeters())
        return Publication(
            topic: rule.topic(["bridge": settings.bridge]), payload: encoder.payload(facts, at: now), qos: rule.qos,
            isRetained: rule.retain != .never)
    }

    /// The meters that needed most, those whose values were doubted first, then those with rejects.
    private func worstMeters() -> [MeterState] {
        let candidates = meters.indices.lazy
            .filter { !self.meters[$0].ledger.counts.isEmpty || self.meters[$0].rejects > 0 }
            .map {
                (
                    index: $0, doubts: self.meters[$0].ledger.count(.doubt), rejects: self.meters[$0].rejects,
                    repairs: self.meters[$0].ledger.count(.repair)
                )
            }
        return
            candidates
            .sorted {
                ($1.doubts, $1.rejects, $1.repairs, $0.index) < ($0.doubts, $0.rejects, $0.repairs, $1.index)
            }
            .prefix(20).map { meters[$0.index] }
    }
}
