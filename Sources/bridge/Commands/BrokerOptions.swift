// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import MQTT

/// The broker that a command connects to: that of a configuration, or one by its address.
struct BrokerOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration with the broker and the sources. \(ConfigurationPath.help)")
    var config: String?
    @Option(help: "The broker instead, mqtt://USER@HOST:1883; the password is taken from OBIS_BRIDGE_PASSWORD.")
    var broker: String?

    func validate() throws { try Self.validate(broker: broker, config: config) }

    /// - Parameter otherwise: the advice besides OBIS_BRIDGE_PASSWORD, instead of a password in the address.
    static func validate(broker: String?, config: String? = nil, otherwise: String = "use --config FILE") throws {
        if let broker, BrokerReader.withoutPassword(broker) != broker {
            throw ValidationError(
                "A password on the command line is shown to everybody by ps: set OBIS_BRIDGE_PASSWORD, or \(otherwise)."
            )
        }
        if broker != nil, config != nil { throw ValidationError("Name --broker or --config, not both.") }
    }

    /// The configuration; with `--broker` one with the shipped profile and without sources.
    ///
    /// - Parameter log: the log options, for commands that log.
    func load(_ log: LogOptions? = nil) throws -> Configuration {
        let loader = ConfigurationLoader(logFormat: log?.format)
        guard let broker else { return try loader.required(path: ConfigurationPath.required(config)) }
        return try Self.configuration(broker: broker, loader: loader)
    }

    /// A configuration with the shipped profile, no sources, and the password from the environment.
    static func configuration(broker: String, loader: ConfigurationLoader) throws -> Configuration {
        let text = "zone: UTC\nbroker: \(broker)\nsources: {any: {adapter: p1}}\n"
        var loaded = try loader.required(loader.load(text, file: "--broker"))
        loaded.input.settings.password = loader.environment["OBIS_BRIDGE_PASSWORD"]
        loaded.input.advice = advice(loaded.input.settings)
        loaded.output = loaded.input
        loaded.sources = []
        loaded.subscriptions = []
        return loaded
    }

    /// The advice when the broker refuses the login.
    private static func advice(_ settings: BrokerSettings) -> String {
        if settings.username == nil {
            let scheme = settings.tls == nil ? "mqtt" : "mqtts"
            return "write --broker \(scheme)://USER@\(settings.address), with the password in OBIS_BRIDGE_PASSWORD, "
                + "or --config FILE"
        }
        return settings.password == nil
            ? "set OBIS_BRIDGE_PASSWORD to the password, or name a configuration with --config FILE"
            : "check the name in --broker and the password in OBIS_BRIDGE_PASSWORD"
    }
}
