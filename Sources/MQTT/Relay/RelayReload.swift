// SPDX-License-Identifier: Apache-2.0
/// What follows from a new configuration, for the relay.
public struct RelayReload: Sendable {
    /// The settings from now on. A connection is made anew only where its broker, login or client id changed.
    public var settings: RelaySettings
    /// What is to be published because of the change: retained topics that are cleared, or that are new.
    public var publications: [MQTTMessage]

    /// A reload.
    public init(settings: RelaySettings, publications: [MQTTMessage] = []) {
        self.settings = settings
        self.publications = publications
    }
}
