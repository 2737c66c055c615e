// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why an input cannot be read, for a log line that starts with its place.
package struct InputFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ what: String, _ code: Int32) { description = "\(what): \(String(cString: strerror(code)))" }
    package init(_ description: String) { self.description = description }
}
