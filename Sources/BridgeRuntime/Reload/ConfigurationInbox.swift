// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import MQTT

/// A configuration on its way to the relay's thread.
package final class ConfigurationInbox: Sendable {
    /// What came of reading the files again.
    enum Content: Sendable {
        case configuration(Configuration)
        /// The files have mistakes; the first of them, and how many.
        case mistakes(String)
    }

    private let content = Locked<Content?>(nil)

    /// Makes an empty one.
    package init() {}

    /// A newer one replaces one that was not fetched.
    func put(_ new: Content) { content.withLock { $0 = new } }

    func take() -> Content? { content.withLock { $0.take() } }
}
