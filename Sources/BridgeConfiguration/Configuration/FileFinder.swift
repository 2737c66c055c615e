// SPDX-License-Identifier: Apache-2.0
import Foundation
import MQTT

/// Files named in a configuration are relative to it.
package struct FileFinder: Sendable {
    private let folder: URL
    private let named: NamedFiles

    package init(configuration file: String, named: NamedFiles = NamedFiles()) {
        folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        self.named = named
    }

    /// In the place of a file that must not be read: nothing is below a device.
    private static let nowhere = "/dev/null/not-read"

    /// Files that a command line names, which are relative to the working directory.
    package static var workingDirectory: FileFinder { FileFinder(configuration: "./bridge.yaml") }

    func path(_ name: String) -> String {
        let path = place(name)
        named.note(path)
        return named.allows(path) ? path : Self.nowhere
    }

    /// The same for a file that the bridge writes: a change of it is no change of the configuration.
    func place(_ name: String) -> String { name.hasPrefix("/") ? name : folder.appendingPathComponent(name).path }

    /// True for a file that every user of this computer may read.
    func isOpenToAll(_ path: String) -> Bool {
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? NSNumber
        return mode.map { $0.intValue & 0o004 != 0 } ?? false
    }
}

/// The files that a configuration consists of, those that are missing too.
package final class NamedFiles: Sendable {
    private let noted = Locked<Set<String>>([])
    private let allowed = Locked<Set<String>?>(nil)

    package var paths: Set<String> { noted.withLock { $0 } }

    func note(_ path: String) { noted.withLock { _ = $0.insert(path) } }

    /// From now on no other file is read than these.
    package func allow(only paths: Set<String>) { allowed.withLock { $0 = paths } }

    func allows(_ path: String) -> Bool { allowed.withLock { $0?.contains(path) ?? true } }
}
