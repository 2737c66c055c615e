// SPDX-License-Identifier: Apache-2.0

/// What the loop and the HTTP server share.
struct WebSurroundings: Sendable {
    let queries = LoopQueries()
    let metrics = BridgeMetrics()
    let roster: WebRoster

    /// Where the history is written; nil for nowhere.
    var historyPath: @Sendable () -> String? = { nil }

    /// - Parameter address: where to listen at first; nil for nowhere.
    init(_ address: ListenAddress?) { roster = WebRoster(address) }

    var routes: WebRoutes { WebRoutes(queries: queries, metrics: metrics, historyPath: historyPath) }
}
