// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why an input cannot be read, for a log line that starts with its place.
struct InputFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ what: String, _ code: Int32) { description = "\(what): \(String(cString: strerror(code)))" }
    init(_ description: String) { self.description = description }
}
