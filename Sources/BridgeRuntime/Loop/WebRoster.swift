// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration

/// The HTTP settings of the configuration in force. A reload replaces them from the relay's thread, the HTTP service
/// follows on its own, and of several reloads in a row only the last one counts.
package final class WebRoster: Sendable {
    /// The settings, starting with the first ones, at each change; nil for no server. For one reader.
    package let changes: AsyncStream<WebSettings?>
    private let continuation: AsyncStream<WebSettings?>.Continuation

    init(_ settings: WebSettings?) {
        (changes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield(settings)
    }

    func replace(with settings: WebSettings?) { continuation.yield(settings) }
}
