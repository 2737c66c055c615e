// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import BridgeRuntime
import Machine

/// Everything that the HTTP server needs for its answers.
package struct WebSurroundings: Sendable {
    /// Access to the loop.
    private let loop: LoopAccess
    /// The token that a request must send to change something.
    private let token = WebToken.make()
    /// The newest lines of the log; nil for none.
    private let log: RecentLog?
    /// When the process started.
    private let started = SystemClock.now
    /// The page's functions besides showing state.
    private let desks: any PageDesks
    /// Returns the path of the history; nil without one.
    private let historyPath: @Sendable () -> String?
    /// The daily amounts from the history.
    private let days: HistoryDays

    /// - Parameters:
    ///   - settings: the settings at the start; nil for no server.
    ///   - log: keeps the newest lines.
    ///   - historyPath: returns the path of the history; nil without one.
    ///   - desks: makes the page's functions from the messages that the bridge receives.
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

    /// The web settings of the configuration in force.
    var roster: WebRoster { loop.roster }

    /// The loop's access to the page: what the page keeps must be forgotten with a meter.
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
