// SPDX-License-Identifier: Apache-2.0

/// The system gives no more threads.
struct ThreadShortage: Error, CustomStringConvertible {
    var description: String { "the system gives no more threads: raise the limit (ulimit -u, TasksMax=)" }
}
