// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import Harmonizer
package import Page

/// What the loop thread shows of itself to the questions of one pass. What all meters have to be walked through for is made once,
/// however many ask: each of them would hold messages up.
package final class LoopView {
    package let pipeline: Pipeline
    package let links: LinkState
    /// When the configuration in force was taken over.
    package let configured: Timestamp
    /// Lines of the log that could not be written.
    let logLinesLost: Int
    /// The one in force.
    package let configuration: Configuration?
    /// Why the files on disk are not the configuration in force; nil when they are.
    package let configurationProblem: String?
    /// What is remembered for the page.
    package let live: LiveModel

    init(
        pipeline: Pipeline, links: LinkState, configured: Timestamp, logLinesLost: Int = 0,
        configurationProblem: String? = nil, configuration: Configuration? = nil, live: LiveModel = LiveModel()
    ) {
        self.configuration = configuration
        self.live = live
        self.configurationProblem = configurationProblem
        self.pipeline = pipeline
        self.links = links
        self.configured = configured
        self.logLinesLost = logLinesLost
    }

    /// How often all meters were walked through.
    private(set) var walks = 0
    private var states: [String: [UInt8]] = [:]

    package private(set) lazy var meters: [MeterSummary] = {
        walks += 1
        return pipeline.meterSummaries
    }()

    package private(set) lazy var metrics: MetricsSnapshot = {
        walks += 1
        return MetricsSnapshot(self)
    }()

    /// The newest values of a meter as its topic `state` has them; nil for one that is not known.
    package func state(ofMeter id: String) -> [UInt8]? {
        if let known = states[id] { return known }
        let state = pipeline.state(ofMeter: id)
        states[id] = state
        return state
    }
}
