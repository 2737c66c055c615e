// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// A search for readers on the whole broker.
package struct DiscoveryGlance: Sendable {
    /// When it began; nil while there is none.
    package var started: Timestamp?
    /// Seconds that it takes.
    package var seconds: Int
    /// What was found, in sentences; nil before the end.
    package var report: String?
    /// The sources to write; nil for none.
    package var yaml: String?
    /// Why it came to nothing; nil where it did not.
    package var problem: String?

    /// Makes one.
    package init(
        started: Timestamp? = nil, seconds: Int, report: String? = nil, yaml: String? = nil, problem: String? = nil
    ) {
        self.started = started
        self.seconds = seconds
        self.report = report
        self.yaml = yaml
        self.problem = problem
    }

    /// True while it listens.
    package var isRunning: Bool { started != nil && report == nil && problem == nil }
}

/// What the bridge is made from.
package struct ConfigurationGlance: Sendable {
    /// The file, as the user named it; nil for one that is no file.
    package var file: String?
    /// Its text, secrets masked; nil where it cannot be read.
    package var text: String?
    /// The merged profile.
    package var profile: YAMLNode?
    /// How many messages there are to try another configuration with.
    package var messages = 0

    /// Makes one.
    package init(file: String?, text: String?, profile: YAMLNode?, messages: Int) {
        self.file = file
        self.text = text
        self.profile = profile
        self.messages = messages
    }
}

/// A plug-test that runs, or has ended.
package struct PlugTestGlance: Sendable {
    /// When it began; nil while there is none.
    package var started: Timestamp?
    package var isRunning = false
    package var messages = 0
    /// Why it ended by itself; nil where it did not.
    package var problem: String?
    /// The word for the whole of it.
    package var verdict = ""
    /// The registers that are asked for: code and name.
    package var columns: [(code: String, name: String)] = []
    package var rows: [Row] = []

    /// One meter as one reader shows it.
    package struct Row: Sendable {
        package var name: String
        package var subtitle: String
        package var sent: String
        package var harmonised: String
        /// The word of each register, its value and a note.
        package var cells: [(state: String, value: String, note: String)]
        package var facts: [(name: String, value: String)]
        /// What is to be said about it, with the verdict that it makes.
        package var findings: [(verdict: String, text: String)]

        /// Makes one.
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

    /// None yet.
    package init() {}
}
