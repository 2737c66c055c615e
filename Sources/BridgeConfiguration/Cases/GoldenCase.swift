// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
import PlugTest

/// One golden case: the messages of a reader, and the publications that must follow.
package struct GoldenCase {
    /// What the case shows, as a sentence.
    package var name: String
    /// The place of the case in its file.
    package var mark: SourceMark
    /// The settings of the pipeline.
    var settings: Pipeline.Settings
    /// The time of the first step.
    var start: Timestamp
    var steps: [CaseStep]
    /// Rules that the published fixes must name.
    var shows: [(rule: Fix.Rule, mark: SourceMark)]
    /// Rules that the published fixes must not name.
    var silent: [(rule: Fix.Rule, mark: SourceMark)]
    /// The documented problems that the case is about: `gplug 4`.
    var problems: [String]
    /// The expectation over all steps.
    var expectation: Expectation
}

/// An event, and the expected result.
struct CaseStep {
    var mark: SourceMark
    var event: Event
    var moment: Moment
    /// The offset of the payload's clock from the arrival.
    var clock: TimeSpan
    var expectation: Expectation

    /// The event of a step.
    enum Event {
        /// A reader publishes. Several values are several messages, `every` apart.
        case message(topic: String, payload: PayloadTemplate, isRetained: Bool, values: [String], every: TimeSpan)
        /// Only time passes.
        case wait
        /// The bridge publishes everything that it holds back, as when a connection is lost.
        case flush
        /// The bridge reconnects to a session that the broker kept: queued messages come next.
        case connect
        /// The bridge ends and starts again; it knows only the broker's retained messages.
        case restart
    }

    /// The time of a step.
    enum Moment {
        case at(Timestamp)
        /// A time after the previous step.
        case after(TimeSpan)
    }
}

/// The publications and log lines that must come, and those that must not.
struct Expectation {
    var publications: [ExpectedPublication] = []
    /// True when no other publication may come.
    var isComplete = false
    /// Topics on which nothing may be published.
    var absent: [(filter: TopicPattern, mark: SourceMark)] = []
    /// Parts of the log lines; an empty list means that no line may come. Nil for any lines.
    var diagnostics: [(text: String, mark: SourceMark)]?
    /// The place of the expectation in the file.
    var mark: SourceMark
}

/// One publication that must come.
struct ExpectedPublication {
    var mark: SourceMark
    /// The topic, or a filter that matches it.
    var topic: TopicPattern
    var payload: Payload
    /// Whether the message is retained; nil for either.
    var isRetained: Bool?

    /// The expected payload.
    enum Payload {
        /// Any payload.
        case any
        /// These bytes.
        case text(String)
        /// A JSON object with at least these members.
        case members(YAMLNode)
        /// A JSON value equal to this; the order of members does not matter.
        case json(YAMLNode)
    }
}
