// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// One meter as seen through one reader: what was received, and the findings.
package struct PlugTestRow: Codable, Sendable, Equatable {
    /// The row's name, unique within the report and the same in the next recording: the source, with the device if it
    /// has several.
    package var name: String
    package var source: String
    /// The text that the wildcards of the source's filter matched.
    package var device: String
    package var adapter: String
    /// The harmonised id; nil when nothing was understood.
    package var meter: String?
    /// The ids in the payloads, as received.
    package var serials: [String]
    package var about: About
    /// The judgement of the raw messages.
    package var sent: Judgement
    /// The judgement of the harmonised values.
    package var harmonised: Judgement
    /// In the order of the report's expected registers.
    package var cells: [Cell]
    /// The difference of the meter's clock from the time of arrival; nil when its messages have no time.
    package var clock: Clock?
    /// The intervals of the main list.
    package var interval: Intervals?
    /// The lists: readings with the same registers. The main list is first.
    package var lists: [List]
    package var messages: Int
    package var readings: Int
    /// The rejected messages by reason.
    package var rejects: [String: Int]
    /// The messages without meter data, by kind.
    package var ignored: [String: Int]
    package var fixes: [FixCount]
    package var display: [DisplayComparison]
    package var steps: [StepResult]
    /// The bridge's log lines about the source, in the first row of the source.
    package var remarks: [String]
    var evidence: [Evidence]
    package var charts: [Chart]

    package struct Judgement: Codable, Sendable, Equatable {
        package var verdict: PlugTestVerdict
        package var findings: [Finding]
    }

    package struct Finding: Codable, Sendable, Equatable {
        var subject: Subject
        /// The verdict of the finding; `pass` for a remark.
        package var verdict: PlugTestVerdict
        package var text: String
        /// The rule whose repairs the finding is about; nil for all other findings.
        package var rule: String?
        /// The registers that the finding names; nil for none.
        package var registers: [String]?
    }

    package enum Subject: String, Codable, Sendable {
        case id, time, unit, scale, gaps, registers, messages, display, steps
        /// For a meter's own frames: checksums, list, keys and load profile.
        case checks, list, key
        case loadProfile = "profile"
    }

    package struct Cell: Codable, Sendable, Equatable {
        package var obis: String
        package var state: CellState
        /// The newest value, with the digits of the source.
        package var value: String?
        package var unit: String?
        /// Why the state is not `as sent`.
        package var note: String?

        package init(obis: String, state: CellState, value: String? = nil, unit: String? = nil, note: String? = nil) {
            self.obis = obis
            self.state = state
            self.value = value
            self.unit = unit
            self.note = note
        }
    }

    package struct Clock: Codable, Sendable, Equatable {
        /// The median over all messages; positive when the clock is ahead.
        package var offset: TimeSpan
        /// The time gained in an hour; nil for a run shorter than five minutes.
        var drift: TimeSpan?
    }

    package struct Intervals: Codable, Sendable, Equatable {
        var median: TimeSpan
        var p95: TimeSpan
        var longest: TimeSpan
        /// The beginning of the longest interval, since the start of the recording.
        var longestAt: TimeSpan
    }

    package struct List: Codable, Sendable, Equatable {
        package var registers: Int
        package var readings: Int
        /// Nil when the list came once.
        package var interval: Intervals?
    }

    package struct FixCount: Codable, Sendable, Equatable {
        package var rule: String
        package var level: String
        package var count: Int
    }

    package struct DisplayComparison: Codable, Sendable, Equatable {
        package var obis: String
        /// The display's value as typed in.
        package var display: String
        /// The value of the nearest reading; nil when no reading has the register.
        package var value: String?
        /// `value` minus `display`.
        package var difference: String?
        package var unit: String?
        var agrees: Bool
    }

    package struct StepResult: Codable, Sendable, Equatable {
        package var name: String
        /// The time from the step to the first reading after the interruption; 0 without an interruption, nil when
        /// no reading came.
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
        /// The payload as text, shortened.
        var payload: String
        /// The result, one line per register or repair.
        var harmonised: [String]

        enum Kind: String, Codable, Sendable { case message, fix }
    }

    /// A chart with points of `[milliseconds since the start, thousandths]`.
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

    /// The known parts in one line; nil when nothing is known.
    package var line: String? {
        let words = [utility, meter, reader].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}
