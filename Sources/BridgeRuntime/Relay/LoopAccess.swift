// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
import Harmonizer

/// The loop's interface for the HTTP server: queries, commands, metrics and settings.
package struct LoopAccess: Sendable {
    package let queries = LoopQueries()
    package let metrics = BridgeMetrics()
    package let orders = LoopOrders()
    package let tap = MessageTap()
    /// The HTTP settings that the server follows.
    package let roster: WebRoster
    /// Forgets a meter outside the loop.
    ///
    /// - Parameters:
    ///   - ids: the meter's names in topics and in the history.
    ///   - isGone: true for a topic of the meter.
    package var forget: @Sendable (_ ids: Set<String>, _ isGone: @escaping @Sendable (String) -> Bool) -> Void = {
        _, _ in
    }

    /// - Parameter settings: the HTTP settings at the start; nil for no server.
    package init(_ settings: WebSettings?) { roster = WebRoster(settings) }
}
