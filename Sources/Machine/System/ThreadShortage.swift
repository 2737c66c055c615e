// SPDX-License-Identifier: Apache-2.0

/// The system gives no more threads.
package struct ThreadShortage: Error, CustomStringConvertible {
    package var description: String { "the system gives no more threads: raise the limit (ulimit -u, TasksMax=)" }

    /// Makes it of its parts.
    package init() {
    }
}
