// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// A search for readers on the whole broker.
package struct DiscoveryGlance: Sendable {
    /// When the search began; nil while there is none.
    package var started: Timestamp?
    /// The duration of a search in seconds.
    package var seconds: Int
    /// The report for people; nil before the end.
    package var report: String?
    /// The sources to add, as YAML; nil for none.
    package var yaml: String?
    /// Why the search failed; nil when it did not.
    package var problem: String?

    package init(
        started: Timestamp? = nil, seconds: Int, report: String? = nil, yaml: String? = nil, problem: String? = nil
    ) {
        self.started = started
        self.seconds = seconds
        self.report = report
        self.yaml = yaml
        self.problem = problem
    }

    /// True while the search listens.
    package var isRunning: Bool { started != nil && report == nil && problem == nil }
}

/// The configuration in force, as the page shows it.
package struct ConfigurationGlance: Sendable {
    /// The path, as the user named it; nil when the configuration is not a file.
    package var file: String?
    /// The text of the file with secrets masked; nil when it cannot be read.
    package var text: String?
    /// The merged profile.
    package var profile: YAMLNode?
    /// The number of messages available to try another configuration.
    package var messages = 0

    package init(file: String?, text: String?, profile: YAMLNode?, messages: Int) {
        self.file = file
        self.text = text
        self.profile = profile
        self.messages = messages
    }
}

/// A plug-test that runs or has ended, as the page shows it.
package struct PlugTestGlance: Sendable {
    /// When the test began; nil while there is none.
    package var started: Timestamp?
    package var isRunning = false
    package var messages = 0
    /// Why the test ended by itself; nil when it did not.
    package var problem: String?
    /// The verdict of the whole report.
    package var verdict = ""
    /// The expected registers: code and name.
    package var columns: [(code: String, name: String)] = []
    package var rows: [Row] = []

    /// One meter as seen through one reader.
    package struct Row: Sendable {
        package var name: String
        package var subtitle: String
        package var sent: String
        package var harmonised: String
        /// The state of each expected register, its value and a note.
        package var cells: [(state: String, value: String, note: String)]
        package var facts: [(name: String, value: String)]
        /// The findings, each with its verdict.
        package var findings: [(verdict: String, text: String)]

        package init(
            name: String, subtitle: String, sent: String, harmonised: String,
            cells: [(state: String, value: String, note: String)], facts: [(name: String, value: String)],
            findings: [(verdict: String, text: String)]
        ) {
            self.name = name
            self.subtitle = subtitle
            self.sent = sent
            self.harmonised = harmonised
            self.cells = cells
            self.facts = facts
            self.findings = findings
        }
    }

    /// A glance without a test.
    package init() {}
}
