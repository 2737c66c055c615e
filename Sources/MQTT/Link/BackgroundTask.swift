// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// Blocking work (name resolution, TCP connect) on a thread of its own, its result fetched by polling.
///
/// A caller that no longer needs the result drops the task: the work then ends alone and releases what it holds.
final class BackgroundTask<Output: Sendable>: Sendable {
    private let output = Locked<Output?>(nil)

    /// - Parameters:
    ///   - orElse: the result when the system cannot start a thread.
    ///   - start: starts a thread, or returns false.
    init(
        wakeup: Wakeup, orElse: Output, start: (@escaping @Sendable () -> Void) -> Bool = { startThread($0) },
        _ work: @escaping @Sendable () -> Output
    ) {
        let output = self.output
        let isStarted = start {
            let result = work()
            output.withLock { $0 = result }
            wakeup.signal()
        }
        if !isStarted { output.withLock { $0 = orElse } }
    }

    /// nil while the work is running.
    var result: Output? { output.withLock { $0 } }
}

/// Starts a detached thread.
///
/// - Parameter name: up to 15 bytes, for debuggers and `ps -T`.
/// - Returns: false when the system cannot start another thread. `body` is then not run: it may block, and the caller
///   must not.
package func startThread(named name: String = "", _ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let status = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    guard status == 0 else {
        box.release()
        return false
    }
    if !name.isEmpty { _ = pthread_setname_np(thread, name) }
    pthread_detach(thread)
    return true
}
