// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import Harmonizer
package import Page

/// The loop's state as the queries of one pass see it. Results that need a walk through all meters are computed once
/// per pass, however many queries need them: each walk would delay messages.
package final class LoopView {
    package let pipeline: Pipeline
    package let links: LinkState
    /// When the configuration in force was applied.
    package let configured: Timestamp
    /// Lines of the log that could not be written.
    let logLinesLost: Int
    /// The configuration in force.
    package let configuration: Configuration?
    /// Why the files on disk differ from the configuration in force; nil when they do not.
    package let configurationProblem: String?
    /// The page's memory.
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

    /// The number of walks through all meters.
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

    /// The newest values of a meter as in its topic `state`; nil for an unknown meter.
    package func state(ofMeter id: String) -> [UInt8]? {
        if let known = states[id] { return known }
        let state = pipeline.state(ofMeter: id)
        states[id] = state
        return state
    }
}
