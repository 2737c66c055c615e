// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Blocking work (name resolution, TCP connect) on a thread of its own, its result fetched by polling.
///
/// Whoever loses interest drops the task: the work ends alone and releases what it holds.
final class BackgroundTask<Output: Sendable>: Sendable {
    private let output = Locked<Output?>(nil)

    init(wakeup: Wakeup, _ work: @escaping @Sendable () -> Output) {
        let output = self.output
        startThread {
            let result = work()
            output.withLock { $0 = result }
            wakeup.signal()
        }
    }

    /// nil while the work goes on.
    var result: Output? { output.withLock { $0 } }
}

/// Starts a detached thread; runs the body on the caller's when the system gives no more threads.
private func startThread(_ body: @escaping @Sendable () -> Void) {
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
    if status == 0 {
        pthread_detach(thread)
    } else {
        box.takeRetainedValue().body()
    }
}
