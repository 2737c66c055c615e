// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import Harmonizer
package import Page

/// The page's functions besides showing the loop's state. The HTTP server does not know their implementation.
package protocol PageDesks: Sendable {
    /// The state of the search for readers.
    var discovery: DiscoveryGlance { get }
    /// Begins a search; does nothing while one runs.
    func startDiscovery(_ configuration: Configuration)

    /// The state of the plug-test.
    func plugTest() async -> PlugTestGlance
    /// Begins a new plug-test.
    func startPlugTest(_ configuration: Configuration) async
    func stopPlugTest() async
    /// The plug-test's report in one format, or its recording, by file name; nil when there is none.
    func plugTestFile(_ name: String) async -> (contentType: String, bytes: [UInt8])?

    /// Forgets the messages on some topics.
    func forget(where isGone: @escaping @Sendable (String) -> Bool)

    /// The configuration in force, as the page shows it.
    func configuration(_ configuration: Configuration, messages: [RawMessage]) -> ConfigurationGlance
    /// The mistakes in another text of the configuration file, and the changes that it would cause, as JSON.
    func check(_ text: String, instead configuration: Configuration, messages: [RawMessage]) -> [UInt8]
}
