// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Harmonizer
import MQTT

/// Where a command connects to: the broker of a configuration, or one by its address.
struct BrokerOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration whose broker and sources count. (default: \(Self.standard))")
    var config: String?
    @Option(help: "The broker instead, mqtt://USER@HOST:1883; the password is taken from OBIS_BRIDGE_PASSWORD.")
    var broker: String?

    static let standard = "/etc/obis-bridge/bridge.yaml"

    func validate() throws {
        if let broker, BrokerReader.withoutPassword(broker) != broker {
            throw ValidationError(
                "A password on the command line is shown to everybody by ps: set OBIS_BRIDGE_PASSWORD, or use --config FILE."
            )
        }
        if broker != nil, config != nil { throw ValidationError("Name --broker or --config, not both.") }
    }

    /// The configuration; with `--broker` one that has the shipped profile and no sources that mean anything.
    ///
    /// - Parameter log: how the command logs, for those that do.
    func load(_ log: LogOptions? = nil) throws -> Configuration {
        let loader = ConfigurationLoader(logFormat: log?.format)
        guard let broker else {
            let loaded = loader.load(path: config ?? Self.standard)
            Problems.report(loader.problems)
            guard let loaded else { throw ExitCode.faults }
            return loaded
        }
        let text = "zone: UTC\nbroker: \(broker)\nsources: {any: {adapter: p1}}\n"
        guard var loaded = loader.load(text, file: "--broker") else {
            Problems.report(loader.problems)
            throw ExitCode.faults
        }
        let password = loader.environment["OBIS_BRIDGE_PASSWORD"]
        loaded.input.settings.password = password
        loaded.output.settings.password = password
        loaded.sources = []
        loaded.subscriptions = []
        return loaded
    }
}
