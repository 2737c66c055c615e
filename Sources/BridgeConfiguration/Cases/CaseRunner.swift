// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import PlugTest

/// Runs one golden case through the pipeline of the bridge, with the clock of the case.
package struct CaseRunner {
    private let golden: GoldenCase
    private var pipeline: Pipeline
    private var now: Timestamp
    /// The broker's retained messages, for a restart.
    private var retained: [String: [UInt8]] = [:]
    /// The retained topics, in the order of their first message.
    private var retainedTopics: [String] = []
    private var messages: [RawMessage] = []
    private var published: [Publication] = []
    private var said: [Diagnostic] = []
    private var faults: [CaseFault] = []

    /// Runs a case: its publications, its log lines, and their differences from the expectations.
    package static func run(_ golden: GoldenCase) -> CaseResult {
        var runner = CaseRunner(golden)
        return runner.run()
    }

    private init(_ golden: GoldenCase) {
        self.golden = golden
        pipeline = Pipeline(golden.settings)
        now = golden.start
    }

    private mutating func run() -> CaseResult {
        var steps: [CaseResult.Step] = []
        for step in golden.steps {
            let publications = perform(step)
            let diagnostics = pipeline.takeDiagnostics()
            check(step.expectation, publications, diagnostics)
            note(publications, diagnostics)
            steps.append(CaseResult.Step(step: step, publications: publications))
        }
        let rest = pipeline.flush(at: now)
        note(rest, pipeline.takeDiagnostics())
        if !rest.isEmpty { steps.append(CaseResult.Step(step: nil, publications: rest)) }
        check(golden.expectation, published, said)
        checkRules()
        return CaseResult(golden: golden, messages: messages, steps: steps, diagnostics: said, faults: faults)
    }

    // MARK: - Events

    private mutating func perform(_ step: CaseStep) -> [Publication] {
        var publications: [Publication] = []
        switch step.moment {
        case .at(let instant): publications += advance(to: instant)
        case .after(let span): publications += advance(to: now + span)
        }
        switch step.event {
        case .wait: break
        case .flush: publications += pipeline.flush(at: now)
        case .connect: pipeline.connected(at: now, isResumed: true)
        case .restart: publications += restart()
        case .message(let topic, let payload, let isRetained, let values, let every):
            for (number, value) in values.enumerated() {
                if number > 0 { publications += advance(to: now + every) }
                let clock = now + step.clock
                let message = RawMessage(
                    topic: topic, payload: payload.filled(time: clock, value: value, number: number),
                    isRetained: isRetained, received: now)
                messages.append(message)
                publications += pipeline.handle(message)
            }
        }
        return publications
    }

    private mutating func advance(to moment: Timestamp) -> [Publication] {
        defer { now = moment }
        return pipeline.pass(from: now, to: moment)
    }

    /// The end of a bridge and the start of the next, which knows only the broker's retained messages.
    private mutating func restart() -> [Publication] {
        let last = pipeline.flush(at: now)
        keep(last)
        said += pipeline.takeDiagnostics()
        pipeline = Pipeline(golden.settings)
        for topic in retainedTopics {
            guard let payload = retained[topic] else { continue }
            _ = pipeline.restore(RawMessage(topic: topic, payload: payload, isRetained: true, received: now))
        }
        return last
    }

    private mutating func keep(_ publications: [Publication]) {
        for publication in publications where publication.isRetained {
            if retained[publication.topic] == nil { retainedTopics.append(publication.topic) }
            retained[publication.topic] = publication.payload.isEmpty ? nil : publication.payload
            if publication.payload.isEmpty { retainedTopics.removeAll { $0 == publication.topic } }
        }
    }

    private mutating func note(_ publications: [Publication], _ diagnostics: [Diagnostic]) {
        keep(publications)
        published += publications
        said += diagnostics
    }

    // MARK: - Expectations

    private mutating func check(
        _ expectation: Expectation, _ publications: [Publication], _ diagnostics: [Diagnostic]
    ) {
        faults += PublicationMatcher(publications: publications).faults(expectation)
        guard let expected = expectation.diagnostics else { return }
        let texts = diagnostics.map(\.description)
        if expected.isEmpty, let first = texts.first {
            faults.append(CaseFault(mark: expectation.mark, text: "expected nothing in the log, found: \(first)"))
        }
        for (text, mark) in expected where !texts.contains(where: { $0.contains(text) }) {
            let found = texts.isEmpty ? "nothing" : texts.joined(separator: "\n    ")
            faults.append(CaseFault(mark: mark, text: "expected in the log: \(text)\n  found: \(found)"))
        }
    }

    /// Checks `shows` and `silent` against the rules of the published fixes.
    private mutating func checkRules() {
        let found = Set(published.flatMap { PublishedFix.all(in: $0) }.map(\.rule))
        for (rule, mark) in golden.shows where !found.contains(rule.rawValue) {
            let others = found.isEmpty ? "none" : found.sorted().joined(separator: ", ")
            faults.append(CaseFault(mark: mark, text: "expected a fix \(rule.rawValue), found \(others)"))
        }
        for (rule, mark) in golden.silent where found.contains(rule.rawValue) {
            faults.append(CaseFault(mark: mark, text: "expected no fix \(rule.rawValue), found one"))
        }
    }
}
