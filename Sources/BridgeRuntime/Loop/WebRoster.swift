// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration

/// Where HTTP is to be answered: what the configuration in force says. A reload replaces it from the relay's thread, the
/// service follows in its own time, and of several reloads in a row only the last one counts.
package final class WebRoster: Sendable {
    /// Each settings that took the place of others, the first ones included; nil for nowhere. For one reader.
    package let changes: AsyncStream<WebSettings?>
    private let continuation: AsyncStream<WebSettings?>.Continuation

    init(_ settings: WebSettings?) {
        (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield(settings)
    }

    func replace(with settings: WebSettings?) { continuation.yield(settings) }
}
