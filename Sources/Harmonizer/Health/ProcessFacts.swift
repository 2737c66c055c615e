// SPDX-License-Identifier: Apache-2.0

/// What `health` reports about the process, which a pipeline cannot know.
public struct ProcessFacts: Sendable, Equatable {
    /// For how long it has been running.
    public var uptime: TimeSpan
    /// When it started; nil when unknown.
    public var started: Timestamp?
    /// Resident memory in bytes; nil when unknown.
    public var memory: Int?
    /// The counters of an earlier moment and the time since then, for the rates; nil for none yet.
    public var earlier: (counters: Counters, span: TimeSpan)?
    /// Why the files on disk are not the configuration in force; nil when they are.
    public var configurationProblem: String?
    /// Messages of `http` and `udp` inputs that were dropped because too many of them waited for the outputs.
    public var dropped: Int

    /// Lines of the log that could not be written.
    public var logLinesLost: Int
    /// Why a message that ends the bridge would not be recognised; nil when it would.
    public var crashGuardProblem: String?

    /// Why the history is not written, or what was lost of it; nil while all is well.
    public var historyProblem: String?

    /// Makes facts.
    public init(
        uptime: TimeSpan, memory: Int?, earlier: (counters: Counters, span: TimeSpan)?,
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

    /// Compares what is published of them.
    public static func == (one: ProcessFacts, other: ProcessFacts) -> Bool {
        one.uptime == other.uptime && one.started == other.started && one.memory == other.memory
            && one.earlier?.counters == other.earlier?.counters
            && one.earlier?.span == other.earlier?.span
            && one.configurationProblem == other.configurationProblem && one.dropped == other.dropped
            && one.logLinesLost == other.logLinesLost && one.crashGuardProblem == other.crashGuardProblem
            && one.historyProblem == other.historyProblem
    }
}
