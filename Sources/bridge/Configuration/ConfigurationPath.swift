// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Machine

/// The configuration file of a command: the one that `--config` names, else `bridge.yaml` in the working directory, else the
/// file of the service.
enum ConfigurationPath {
    /// The file of the installed service.
    static let service = "/etc/obis-bridge/bridge.yaml"
    private static let local = "bridge.yaml"

    /// What the help of `--config` says about the default.
    static let help = "(default: \(local) in this folder, else \(service))"

    /// The file to read; nil when none is named and none is there.
    static func find(_ named: String?) -> String? {
        named ?? [local, service].first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The same, where a command cannot do without: says what to type, and ends with `code`.
    static func required(_ named: String?, otherwise code: ExitCode = .faults) throws -> String {
        if let path = find(named) { return path }
        StandardError.line(
            "no configuration: there is no \(local) in this folder and no \(service); name one with --config FILE, "
                + "or type obis-bridge setup to make one")
        throw code
    }
}
