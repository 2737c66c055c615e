// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import MQTT

/// Passes a configuration to the relay's thread.
package final class ConfigurationInbox: Sendable {
    /// The result of reading the files again.
    enum Content: Sendable {
        case configuration(Configuration)
        /// The files have mistakes: the first of them, and their number.
        case mistakes(String)
    }

    private let content = Locked<Content?>(nil)

    /// An empty inbox.
    package init() {}

    /// Puts in a result; it replaces one that was not taken.
    func put(_ new: Content) { content.withLock { $0 = new } }

    func take() -> Content? { content.withLock { $0.take() } }
}
