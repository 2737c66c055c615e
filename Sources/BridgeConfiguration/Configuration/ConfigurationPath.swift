// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The configuration file of a command: the one that `--config` names, else `bridge.yaml` in the working directory, else the
/// file of the service.
package enum ConfigurationPath {
    /// The file of the installed service.
    package static let service = "/etc/obis-bridge/bridge.yaml"
    /// The file in a folder of the user's.
    package static let local = "bridge.yaml"

    /// What the help of `--config` says about the default.
    package static let help = "(default: \(local) in this folder, else \(service))"

    /// The file to read; nil when none is named and none is there.
    package static func find(_ named: String?) -> String? {
        named ?? [local, service].first { FileManager.default.fileExists(atPath: $0) }
    }
}
