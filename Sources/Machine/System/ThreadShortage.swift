// SPDX-License-Identifier: Apache-2.0

/// The error when the system cannot start another thread.
package struct ThreadShortage: Error, CustomStringConvertible {
    package var description: String { "the system cannot start more threads: raise the limit (ulimit -u, TasksMax=)" }

    /// Creates the error.
    package init() {
    }
}
