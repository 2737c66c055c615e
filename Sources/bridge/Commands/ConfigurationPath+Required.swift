// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Machine

extension ConfigurationPath {
    /// The file of a command that cannot do without: where there is none it says what to type, and ends with `code`.
    static func required(_ named: String?, otherwise code: ExitCode = .faults) throws -> String {
        if let path = find(named) { return path }
        StandardError.line(
            "no configuration: there is no \(local) in this folder and no \(service); name one with --config FILE, "
                + "or type obis-bridge setup to make one")
        throw code
    }
}
