// SPDX-License-Identifier: Apache-2.0

/// One meter as one reader shows it: what was heard, and what is to be said about it.
struct PlugTestRow: Codable, Sendable, Equatable {
    /// Unique within the report and the same for the next recording: the source, with the device where it has several.
    var name: String
    var source: String
    /// What the wildcards of the source's filter matched.
    var device: String
    var adapter: String
    /// The harmonised id; nil when nothing was understood.
    var meter: String?
    /// The ids that its payloads had, as received.
    var serials: [String]
    var about: About
    /// About the raw messages.
    var sent: Judgement
    /// About what the bridge made of them.
    var harmonised: Judgement
    /// In the order of the report's expected registers.
    var cells: [Cell]
    /// How far its clock is from the time of arrival; nil without a time of its own.
    var clock: Clock?
    /// Of its main list.
    var interval: Intervals?
    /// Readings that bring the same registers, the main one first.
    var lists: [List]
    var messages: Int
    var readings: Int
    /// Messages by reason that could not be understood.
    var rejects: [String: Int]
    /// Messages by kind that are no meter data.
    var ignored: [String: Int]
    var fixes: [FixCount]
    var display: [DisplayComparison]
    var steps: [StepResult]
    /// What the bridge would write into its log about the source, in its first row.
    var remarks: [String]
    var evidence: [Evidence]
    var charts: [Chart]

    struct Judgement: Codable, Sendable, Equatable {
        var verdict: PlugTestVerdict
        var findings: [Finding]
    }

    struct Finding: Codable, Sendable, Equatable {
        var subject: Subject
        /// What it makes of the verdict; `pass` for a remark.
        var verdict: PlugTestVerdict
        var text: String
        /// The rule whose repairs it is about; nil for all other findings.
        var rule: String?
        /// The registers that it names; nil for none.
        var registers: [String]?
    }

    enum Subject: String, Codable, Sendable {
        case id, time, unit, scale, gaps, registers, messages, display, steps
        /// Of a meter's own frames: their checksums, their list, their keys, and the load profile.
        case checks, list, key
        case loadProfile = "profile"
    }

    struct Cell: Codable, Sendable, Equatable {
        var obis: String
        var state: CellState
        /// The newest value, with the digits of the source.
        var value: String?
        var unit: String?
        /// Why it is not as sent.
        var note: String?
    }

    struct Clock: Codable, Sendable, Equatable {
        /// The middle one of all messages; positive when the clock is ahead.
        var offset: Int64
        /// Milliseconds gained in an hour; nil for a run shorter than five minutes.
        var drift: Int64?
    }

    struct Intervals: Codable, Sendable, Equatable {
        var median: Int64
        var p95: Int64
        var longest: Int64
        /// When the longest began, since the start of the recording.
        var longestAt: Int64
    }

    struct List: Codable, Sendable, Equatable {
        var registers: Int
        var readings: Int
        /// Nil when it came once.
        var interval: Intervals?
    }

    struct FixCount: Codable, Sendable, Equatable {
        var rule: String
        var level: String
        var count: Int
    }

    struct DisplayComparison: Codable, Sendable, Equatable {
        var obis: String
        /// As typed in.
        var display: String
        /// The reading nearest to it; nil when none has the register.
        var value: String?
        /// `value` minus `display`.
        var difference: String?
        var unit: String?
        var agrees: Bool
    }

    struct StepResult: Codable, Sendable, Equatable {
        var name: String
        /// From the step to the first reading after the interruption; 0 where none was noticed, nil when nothing came any more.
        var recovered: Int64?
        /// Readings of the main list that never came.
        var lost: Int
        var verdict: PlugTestVerdict
    }

    struct Evidence: Codable, Sendable, Equatable {
        /// `message` or `fix`.
        var kind: Kind
        /// The kind of message, or the rule.
        var title: String
        var received: String
        var topic: String
        /// Its text, shortened.
        var payload: String
        /// What became of it, a line a register or repair.
        var harmonised: [String]

        enum Kind: String, Codable, Sendable { case message, fix }
    }

    /// Points of `[milliseconds since the start, thousandths]`.
    struct Chart: Codable, Sendable, Equatable {
        var title: String
        var unit: String
        var points: [[Int64]]
    }
}

/// `about:` of a source, for people.
struct About: Codable, Sendable, Equatable {
    var utility: String?
    var meter: String?
    var reader: String?

    /// What is known, in one line; nil when nothing is.
    var line: String? {
        let words = [utility, meter, reader].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}

/// Two rows of the same meter, compared register by register.
struct PlugTestPair: Codable, Sendable, Equatable {
    var meter: String
    /// The names of both rows.
    var rows: [String]
    var registers: [Register]
    var verdict: PlugTestVerdict

    struct Register: Codable, Sendable, Equatable {
        var obis: String
        /// Readings that have one of the other row near to them.
        var pairs: Int
        /// Of all pairs, without sign.
        var largest: String
        var unit: String?
        /// When that was, since the start of the recording.
        var at: Int64
        /// Pairs that differ by more than the register moved meanwhile.
        var outside: Int
    }
}
