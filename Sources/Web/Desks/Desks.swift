// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import BridgeRuntime
package import Harmonizer
package import Page

/// The page's functions besides showing state: discovery, plug-test, and checking a configuration.
package struct Desks: PageDesks {
    private let discoveryDesk = DiscoveryDesk()
    private let plugTestDesk: PlugTestDesk
    private let configurationDesk: ConfigurationDesk

    /// - Parameters:
    ///   - tap: passes on the messages that the bridge receives.
    ///   - environment: the process's environment, for variables in a configuration.
    package init(tap: MessageTap, environment: [String: String]) {
        plugTestDesk = PlugTestDesk(tap: tap)
        configurationDesk = ConfigurationDesk(environment: environment)
    }

    package var discovery: DiscoveryGlance { discoveryDesk.glance }
    package func startDiscovery(_ configuration: Configuration) { discoveryDesk.start(configuration) }

    package func plugTest() async -> PlugTestGlance { await plugTestDesk.glance }
    package func startPlugTest(_ configuration: Configuration) async { await plugTestDesk.start(configuration) }
    package func stopPlugTest() async { await plugTestDesk.stop() }
    package func plugTestFile(_ name: String) async -> (contentType: String, bytes: [UInt8])? {
        await plugTestDesk.file(name)
    }

    package func forget(where isGone: @escaping @Sendable (String) -> Bool) {
        discoveryDesk.forget()
        Task { [plugTestDesk] in await plugTestDesk.forget(where: isGone) }
    }

    package func configuration(_ configuration: Configuration, messages: [RawMessage]) -> ConfigurationGlance {
        configurationDesk.glance(configuration, messages: messages)
    }

    package func check(_ text: String, instead configuration: Configuration, messages: [RawMessage]) -> [UInt8] {
        configurationDesk.check(text, instead: configuration, messages: messages)
    }
}
