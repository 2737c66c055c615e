// SPDX-License-Identifier: Apache-2.0
import Foundation
import MQTT

/// Finds the files named in a configuration: their paths are relative to its folder.
package struct FileFinder: Sendable {
    private let folder: URL
    private let named: NamedFiles

    package init(configuration file: String, named: NamedFiles = NamedFiles()) {
        folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        self.named = named
    }

    /// The path used instead of a file that must not be read: it cannot exist below a device.
    private static let nowhere = "/dev/null/not-read"

    /// Finds files named on a command line, relative to the working directory.
    package static var workingDirectory: FileFinder { FileFinder(configuration: "./bridge.yaml") }

    func path(_ name: String) -> String {
        let path = place(name)
        named.note(path)
        return named.allows(path) ? path : Self.nowhere
    }

    /// The path of a file that the bridge writes: it is not noted, because its changes are not changes of the
    /// configuration.
    func place(_ name: String) -> String { name.hasPrefix("/") ? name : folder.appendingPathComponent(name).path }

    /// True when every user of this computer may read the file.
    func isOpenToAll(_ path: String) -> Bool {
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? NSNumber
        return mode.map { $0.intValue & 0o004 != 0 } ?? false
    }
}

/// The files that a configuration names, including missing ones.
package final class NamedFiles: Sendable {
    private let noted = Locked<Set<String>>([])
    private let allowed = Locked<Set<String>?>(nil)

    package var paths: Set<String> { noted.withLock { $0 } }

    func note(_ path: String) { noted.withLock { _ = $0.insert(path) } }

    /// Allows only these files to be read from now on.
    package func allow(only paths: Set<String>) { allowed.withLock { $0 = paths } }

    func allows(_ path: String) -> Bool { allowed.withLock { $0?.contains(path) ?? true } }
}
