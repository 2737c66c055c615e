// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
import MQTT

/// Where somebody may listen to every message that the bridge takes, as it takes it.
package final class MessageTap: Sendable {
    package typealias Listener = @Sendable (RawMessage) -> Void

    private let listener = Locked<Listener?>(nil)

    /// Gives each message to `listener`, and to no other one; nil for nobody.
    package func open(_ listener: Listener?) { self.listener.withLock { $0 = listener } }

    func note(_ message: RawMessage) { listener.withLock { $0 }?(message) }
}
