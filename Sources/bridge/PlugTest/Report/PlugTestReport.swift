// SPDX-License-Identifier: Apache-2.0

/// What a plug-test found: its JSON is the format `json`, and the baseline of a later test.
///
/// Times are RFC 3339, spans are milliseconds, register values are text with the digits of the source.
struct PlugTestReport: Codable, Sendable, Equatable {
    /// The format of this file.
    static let format = "obis-bridge/plugtest/1"

    var schema = PlugTestReport.format
    var title: String
    /// The worst of all rows, pairs and steps.
    var verdict: PlugTestVerdict
    /// True when repairs counted as failures.
    var isStrict: Bool
    /// True when serials and host names are made up.
    var isAnonymised: Bool
    /// The first and the last message of the recording.
    var from: String
    var to: String
    var duration: Int64
    var recording: Recording
    var program: Program
    /// The registers that every row is asked for, in this order.
    var expected: [Expected]
    var rows: [PlugTestRow]
    /// Rows of the same `meter:`, register by register.
    var pairs: [PlugTestPair]
    var steps: [Step]
    /// Against the report named by `--baseline`; nil without one.
    var changes: Changes?

    struct Recording: Codable, Sendable, Equatable {
        /// Of its bytes, in hexadecimal.
        var sha256: String
        var messages: Int
        /// Messages on topics that no source reads.
        var unclaimed: Int
    }

    struct Program: Codable, Sendable, Equatable {
        var version: String
        var profile: String
        var profileHash: String
        var schema: String
    }

    struct Expected: Codable, Sendable, Equatable {
        var obis: String
        var name: String
        var unit: String?
        /// The interval of its list: it is missed only after twice as long.
        var every: Int64
    }

    struct Step: Codable, Sendable, Equatable {
        var name: String
        /// Since the start of the recording.
        var at: Int64
        /// A row that takes longer fails.
        var within: Int64
    }

    struct Changes: Codable, Sendable, Equatable {
        /// The recording of the earlier report.
        var sha256: String
        var title: String
        var verdict: PlugTestVerdict
        var lines: [Change]
    }

    struct Change: Codable, Sendable, Equatable {
        /// The row, or nothing for the report as a whole.
        var row: String?
        var what: String
        var before: String
        var now: String
    }

    private enum CodingKeys: String, CodingKey {
        case schema, title, verdict, from, to, duration, recording, program, expected, rows, pairs, steps, changes
        case isStrict = "strict"
        case isAnonymised = "anonymised"
    }
}
