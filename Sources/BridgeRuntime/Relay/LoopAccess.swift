// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
import Harmonizer

/// What the loop shares with those who ask it something and order something from it: the HTTP server.
package struct LoopAccess: Sendable {
    package let queries = LoopQueries()
    package let metrics = BridgeMetrics()
    package let orders = LoopOrders()
    package let tap = MessageTap()
    /// Where HTTP is answered, for the server to follow.
    package let roster: WebRoster
    /// Forgets what is kept of a meter outside of the loop.
    ///
    /// - Parameters:
    ///   - ids: the names that the meter has in topics and in the history.
    ///   - isGone: true for a topic that is the meter's.
    package var forget: @Sendable (_ ids: Set<String>, _ isGone: @escaping @Sendable (String) -> Bool) -> Void = {
        _, _ in
    }

    /// - Parameter settings: where HTTP is answered at first; nil for nowhere.
    package init(_ settings: WebSettings?) { roster = WebRoster(settings) }
}
