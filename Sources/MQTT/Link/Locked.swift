// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// State behind a lock: a pthread mutex, because ThreadSanitizer reports correct uses of `Synchronization.Mutex` on
/// Linux.
package final class Locked<State>: @unchecked Sendable {
    // Unchecked: `state` is touched only between lock and unlock.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` with exclusive access to the state; only move values in and out, and do the work after it.
    package func withLock<Result>(_ body: (inout State) throws -> sending Result) rethrows -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
