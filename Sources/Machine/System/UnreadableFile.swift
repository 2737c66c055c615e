// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Why a file cannot be read, as part of a sentence.
package enum UnreadableFile {
    /// `no such file or directory`, `permission denied`, `is a directory`; for a readable file, that it is not text.
    package static func reason(_ path: String) -> String {
        // Does not wait for the other end of a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return words(errno) }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) < 0 ? words(errno) : "not text in UTF-8"
    }

    /// `cannot read FILE: permission denied`.
    package static func sentence(_ name: String, at path: String? = nil) -> String {
        "cannot read \(name): \(reason(path ?? name))"
    }

    /// The system's message, as part of a sentence.
    package static func words(_ code: Int32) -> String {
        let text = String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
