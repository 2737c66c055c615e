// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The report of a plug-test: its JSON is the format `json`, and the baseline of a later test.
///
/// Times are RFC 3339, spans are milliseconds, register values are text with the digits of the source.
package struct PlugTestReport: Codable, Sendable, Equatable {
    /// The format of this file.
    package static let format = "obis-bridge/plugtest/1"

    package var schema = PlugTestReport.format
    package var title: String
    /// The worst of all rows, pairs and steps.
    package var verdict: PlugTestVerdict
    /// True when repairs counted as failures.
    package var isStrict: Bool
    /// True when serials and host names are made up.
    package var isAnonymised: Bool
    /// The times of the first and the last message of the recording.
    package var from: String
    package var to: String
    package var duration: TimeSpan
    package var recording: Recording
    package var program: Program
    /// The registers expected from every row, in this order.
    package var expected: [Expected]
    package var rows: [PlugTestRow]
    /// Rows of the same `meter:`, register by register.
    var pairs: [PlugTestPair]
    package var steps: [Step]
    /// The differences from the report named by `--baseline`; nil without it.
    package var changes: Changes?

    package struct Recording: Codable, Sendable, Equatable {
        /// The SHA-256 of the recording's bytes, in hexadecimal.
        package var sha256: String
        package var messages: Int
        /// Messages on topics that no source reads.
        var unclaimed: Int

        package init(sha256: String, messages: Int, unclaimed: Int) {
            self.sha256 = sha256
            self.messages = messages
            self.unclaimed = unclaimed
        }
    }

    package struct Program: Codable, Sendable, Equatable {
        package var version: String
        package var profile: String
        package var profileHash: String
        package var schema: String
    }

    package struct Expected: Codable, Sendable, Equatable {
        package var obis: String
        package var name: String
        package var unit: String?
        /// The interval of the register's list: the register counts as absent only after twice as long.
        package var every: TimeSpan
    }

    package struct Step: Codable, Sendable, Equatable {
        package var name: String
        /// The moment, since the start of the recording.
        package var at: TimeSpan
        /// The time for recovery: a row that takes longer fails.
        package var within: TimeSpan

        package init(name: String, at: TimeSpan, within: TimeSpan) {
            self.name = name
            self.at = at
            self.within = within
        }
    }

    package struct Changes: Codable, Sendable, Equatable {
        /// The hash of the earlier report's recording.
        package var sha256: String
        package var title: String
        package var verdict: PlugTestVerdict
        package var lines: [Change]
    }

    package struct Change: Codable, Sendable, Equatable {
        /// The row; nil for the report as a whole.
        package var row: String?
        package var what: String
        package var before: String
        package var now: String

        package init(row: String? = nil, what: String, before: String, now: String) {
            self.row = row
            self.what = what
            self.before = before
            self.now = now
        }
    }

    private enum CodingKeys: String, CodingKey {
        case schema, title, verdict, from, to, duration, recording, program, expected, rows, pairs, steps, changes
        case isStrict = "strict"
        case isAnonymised = "anonymised"
    }
}
