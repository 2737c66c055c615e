// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Finds the configuration file of a command: the one that `--config` names, else `bridge.yaml` in the working
/// directory, else the service's file.
package enum ConfigurationPath {
    /// The file of the installed service.
    package static let service = "/etc/obis-bridge/bridge.yaml"
    /// The file in the working directory.
    package static let local = "bridge.yaml"

    /// The help text of `--config` about the default.
    package static let help = "(default: \(local) in this folder, else \(service))"

    /// The file to read; nil when none is named and none exists.
    package static func find(_ named: String?) -> String? {
        named ?? [local, service].first { FileManager.default.fileExists(atPath: $0) }
    }
}
