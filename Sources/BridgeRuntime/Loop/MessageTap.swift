// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
import MQTT

/// Passes every message that the bridge receives to one listener.
package final class MessageTap: Sendable {
    package typealias Listener = @Sendable (RawMessage) -> Void

    private let listener = Locked<Listener?>(nil)

    /// Sets the only listener; nil for none.
    package func open(_ listener: Listener?) { self.listener.withLock { $0 = listener } }

    func note(_ message: RawMessage) { listener.withLock { $0 }?(message) }
}
