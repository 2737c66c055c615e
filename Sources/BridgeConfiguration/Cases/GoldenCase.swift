// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
import PlugTest

/// One golden case: what a reader sends, and what must be published for it.
package struct GoldenCase {
    /// What it shows, a sentence.
    package var name: String
    /// Where it stands.
    package var mark: SourceMark
    /// What the pipeline is made from.
    var settings: Pipeline.Settings
    /// When the first step happens.
    var start: Timestamp
    var steps: [CaseStep]
    /// Rules that must be recorded in what this case publishes.
    var shows: [(rule: Fix.Rule, mark: SourceMark)]
    /// Rules that must not be: the case in which they stay silent.
    var silent: [(rule: Fix.Rule, mark: SourceMark)]
    /// The documented problems that it is about: `gplug 4`.
    var problems: [String]
    /// What must be true over all steps.
    var expectation: Expectation
}

/// Something that happens, and what must come of it.
struct CaseStep {
    var mark: SourceMark
    var event: Event
    var moment: Moment
    /// The offset of the payload's clock from the arrival.
    var clock: TimeSpan
    var expectation: Expectation

    /// What happens.
    enum Event {
        /// A reader publishes. Several values are several messages, `every` apart.
        case message(topic: String, payload: PayloadTemplate, isRetained: Bool, values: [String], every: TimeSpan)
        /// Nothing but time passes.
        case wait
        /// Everything that is held back goes out, as when a connection is lost.
        case flush
        /// The bridge connects again, to a session that the broker had kept: what was queued meanwhile comes next.
        case connect
        /// The bridge ends and starts again; it knows what the broker has kept.
        case restart
    }

    /// When it happens.
    enum Moment {
        case at(Timestamp)
        /// So long after the step before.
        case after(TimeSpan)
    }
}

/// What must be published, and what must not.
struct Expectation {
    var publications: [ExpectedPublication] = []
    /// True when nothing else may be published.
    var isComplete = false
    /// Topics on which nothing may be published.
    var absent: [(filter: TopicPattern, mark: SourceMark)] = []
    /// Pieces of the sentences for the log; an empty list means that nothing may be said. Nil: no matter.
    var diagnostics: [(text: String, mark: SourceMark)]?
    /// Where it stands.
    var mark: SourceMark
}

/// One publication that must come.
struct ExpectedPublication {
    var mark: SourceMark
    /// Its topic, or a filter that matches it.
    var topic: TopicPattern
    var payload: Payload
    /// Whether the broker keeps it; nil: no matter.
    var isRetained: Bool?

    /// What must be in it.
    enum Payload {
        /// No matter.
        case any
        /// These bytes.
        case text(String)
        /// A JSON object with at least these members.
        case members(YAMLNode)
        /// A JSON value equal to this; the order of members does not matter.
        case json(YAMLNode)
    }
}
