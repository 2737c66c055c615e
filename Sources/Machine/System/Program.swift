// SPDX-License-Identifier: Apache-2.0

/// The program as its users and its packages know it.
package enum Program {
    /// The version of this build, `MAJOR.MINOR.PATCH`.
    package static let version = "0.1.0"
}
