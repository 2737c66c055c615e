// SPDX-License-Identifier: Apache-2.0
import Machine

/// What the loop and the HTTP server share.
struct WebSurroundings: Sendable {
    let queries = LoopQueries()
    let metrics = BridgeMetrics()
    let orders = WebOrders()
    let tap = MessageTap()
    let roster: WebRoster
    /// What a request has to bring along to change something.
    let token = WebToken.make()
    /// Where the log's newest lines are; nil for nowhere.
    let log: RecentLog?
    /// When the process started.
    let started = SystemClock.now
    /// What people can do on the page; nil where it only shows.
    var desks: (any PageDesks)?

    /// Where the history is written; nil for nowhere.
    var historyPath: @Sendable () -> String? = { nil } {
        didSet { days = HistoryDays(path: historyPath) }
    }
    /// What it knows of today and yesterday.
    private(set) var days: HistoryDays?

    /// - Parameters:
    ///   - settings: where to listen at first; nil for nowhere.
    ///   - log: keeps the newest lines.
    init(_ settings: WebSettings?, log: RecentLog? = nil) {
        roster = WebRoster(settings)
        self.log = log
    }

    var routes: WebRoutes {
        WebRoutes(
            queries: queries, metrics: metrics, orders: orders, token: token, log: log, started: started, desks: desks,
            historyPath: historyPath, days: days)
    }
}
