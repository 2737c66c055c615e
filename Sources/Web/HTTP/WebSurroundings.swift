// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import BridgeRuntime
import Machine

/// What the HTTP server answers from.
package struct WebSurroundings: Sendable {
    /// The way to the loop.
    private let loop: LoopAccess
    /// What a request has to bring along to change something.
    private let token = WebToken.make()
    /// Where the log's newest lines are; nil for nowhere.
    private let log: RecentLog?
    /// When the process started.
    private let started = SystemClock.now
    /// What people can do on the page.
    private let desks: any PageDesks
    /// Where the history is written; nil for nowhere.
    private let historyPath: @Sendable () -> String?
    /// What it knows of today and yesterday.
    private let days: HistoryDays

    /// - Parameters:
    ///   - settings: where to listen at first; nil for nowhere.
    ///   - log: keeps the newest lines.
    ///   - historyPath: where the history is written; nil for nowhere.
    ///   - desks: makes what people can do on the page, of the messages that the bridge takes.
    package init(
        _ settings: WebSettings?, log: RecentLog? = nil, historyPath: @escaping @Sendable () -> String? = { nil },
        desks: (MessageTap) -> any PageDesks
    ) {
        loop = LoopAccess(settings)
        self.log = log
        self.desks = desks(loop.tap)
        self.historyPath = historyPath
        days = HistoryDays(path: historyPath)
    }

    /// Where HTTP is to be answered, as the configuration in force says it.
    var roster: WebRoster { loop.roster }

    /// What the loop has to know of it.
    package var access: LoopAccess {
        var access = loop
        access.forget = { [days, desks] ids, isGone in
            for id in ids { days.forget(id) }
            desks.forget(where: isGone)
        }
        return access
    }

    package var routes: WebRoutes {
        WebRoutes(
            queries: loop.queries, metrics: loop.metrics, orders: loop.orders, token: token, log: log,
            started: started, desks: desks, historyPath: historyPath, days: days)
    }
}
