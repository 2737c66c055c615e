// SPDX-License-Identifier: Apache-2.0
/// The changes for the relay after a new configuration.
public struct RelayReload: Sendable {
    /// The settings from now on. A connection is made anew only when its broker, login or client id changed.
    public var settings: RelaySettings
    /// Publications because of the change: retained topics that are cleared, or that are new.
    public var publications: [MQTTMessage]

    /// A reload.
    public init(settings: RelaySettings, publications: [MQTTMessage] = []) {
        self.settings = settings
        self.publications = publications
    }
}
