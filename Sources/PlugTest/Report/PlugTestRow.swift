// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// One meter as one reader shows it: what was heard, and what is to be said about it.
package struct PlugTestRow: Codable, Sendable, Equatable {
    /// Unique within the report and the same for the next recording: the source, with the device where it has several.
    package var name: String
    package var source: String
    /// What the wildcards of the source's filter matched.
    package var device: String
    package var adapter: String
    /// The harmonised id; nil when nothing was understood.
    package var meter: String?
    /// The ids that its payloads had, as received.
    package var serials: [String]
    package var about: About
    /// About the raw messages.
    package var sent: Judgement
    /// About what the bridge made of them.
    package var harmonised: Judgement
    /// In the order of the report's expected registers.
    package var cells: [Cell]
    /// How far its clock is from the time of arrival; nil without a time of its own.
    package var clock: Clock?
    /// Of its main list.
    package var interval: Intervals?
    /// Readings that bring the same registers, the main one first.
    package var lists: [List]
    package var messages: Int
    package var readings: Int
    /// Messages by reason that could not be understood.
    package var rejects: [String: Int]
    /// Messages by kind that are no meter data.
    package var ignored: [String: Int]
    package var fixes: [FixCount]
    package var display: [DisplayComparison]
    package var steps: [StepResult]
    /// What the bridge would write into its log about the source, in its first row.
    package var remarks: [String]
    var evidence: [Evidence]
    package var charts: [Chart]

    package struct Judgement: Codable, Sendable, Equatable {
        package var verdict: PlugTestVerdict
        package var findings: [Finding]
    }

    package struct Finding: Codable, Sendable, Equatable {
        var subject: Subject
        /// What it makes of the verdict; `pass` for a remark.
        package var verdict: PlugTestVerdict
        package var text: String
        /// The rule whose repairs it is about; nil for all other findings.
        package var rule: String?
        /// The registers that it names; nil for none.
        package var registers: [String]?
    }

    package enum Subject: String, Codable, Sendable {
        case id, time, unit, scale, gaps, registers, messages, display, steps
        /// Of a meter's own frames: their checksums, their list, their keys, and the load profile.
        case checks, list, key
        case loadProfile = "profile"
    }

    package struct Cell: Codable, Sendable, Equatable {
        package var obis: String
        package var state: CellState
        /// The newest value, with the digits of the source.
        package var value: String?
        package var unit: String?
        /// Why it is not as sent.
        package var note: String?

        /// Makes it of its parts.
        package init(obis: String, state: CellState, value: String? = nil, unit: String? = nil, note: String? = nil) {
            self.obis = obis
            self.state = state
            self.value = value
            self.unit = unit
            self.note = note
        }
    }

    package struct Clock: Codable, Sendable, Equatable {
        /// The middle one of all messages; positive when the clock is ahead.
        package var offset: TimeSpan
        /// What it gains in an hour; nil for a run shorter than five minutes.
        var drift: TimeSpan?
    }

    package struct Intervals: Codable, Sendable, Equatable {
        var median: TimeSpan
        var p95: TimeSpan
        var longest: TimeSpan
        /// When the longest began, since the start of the recording.
        var longestAt: TimeSpan
    }

    package struct List: Codable, Sendable, Equatable {
        package var registers: Int
        package var readings: Int
        /// Nil when it came once.
        package var interval: Intervals?
    }

    package struct FixCount: Codable, Sendable, Equatable {
        package var rule: String
        package var level: String
        package var count: Int
    }

    package struct DisplayComparison: Codable, Sendable, Equatable {
        package var obis: String
        /// As typed in.
        package var display: String
        /// The reading nearest to it; nil when none has the register.
        package var value: String?
        /// `value` minus `display`.
        package var difference: String?
        package var unit: String?
        var agrees: Bool
    }

    package struct StepResult: Codable, Sendable, Equatable {
        package var name: String
        /// From the step to the first reading after the interruption; 0 where none was noticed, nil when nothing came any more.
        var recovered: TimeSpan?
        /// Readings of the main list that never came.
        package var lost: Int
        package var verdict: PlugTestVerdict
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
    package struct Chart: Codable, Sendable, Equatable {
        package var title: String
        package var unit: String
        package var points: [[Int64]]
    }
}

/// `about:` of a source, for people.
package struct About: Codable, Sendable, Equatable {
    package var utility: String?
    package var meter: String?
    package var reader: String?

    /// What is known, in one line; nil when nothing is.
    package var line: String? {
        let words = [utility, meter, reader].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}
