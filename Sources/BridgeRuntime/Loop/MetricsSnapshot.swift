// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The loop's numbers at one moment, for the metrics.
package struct MetricsSnapshot: Sendable {
    let counters: Counters
    let publications: [String: Int]
    let meters: MeterTotals
    let links: LinkState
    let configured: Timestamp
    let logLinesLost: Int
    let profileHash: String

    init(_ view: LoopView) {
        counters = view.pipeline.counters
        publications = view.pipeline.publicationsByOutput
        meters = view.pipeline.meterTotals
        links = view.links
        configured = view.configured
        logLinesLost = view.logLinesLost
        profileHash = view.pipeline.settings.profile.hash
    }
}
