// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import Harmonizer
package import Page

/// What the page can do besides showing what the loop knows. HTTP knows nothing of how it is done.
package protocol PageDesks: Sendable {
    /// The search for readers, as far as it is.
    var discovery: DiscoveryGlance { get }
    /// Begins one; nothing while one runs.
    func startDiscovery(_ configuration: Configuration)

    /// The plug-test, as far as it is.
    func plugTest() async -> PlugTestGlance
    /// Begins a new one.
    func startPlugTest(_ configuration: Configuration) async
    func stopPlugTest() async
    /// Its report in a form, or its recording, by the name of the file; nil for what there is not.
    func plugTestFile(_ name: String) async -> (contentType: String, bytes: [UInt8])?

    /// Forgets what came on some topics.
    func forget(where isGone: @escaping @Sendable (String) -> Bool)

    /// What the bridge is made from.
    func configuration(_ configuration: Configuration, messages: [RawMessage]) -> ConfigurationGlance
    /// The mistakes of another text of its file, and what it would change, as JSON.
    func check(_ text: String, instead configuration: Configuration, messages: [RawMessage]) -> [UInt8]
}
