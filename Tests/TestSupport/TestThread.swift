// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A joinable thread for code that blocks.
public final class TestThread: Sendable {
    private let isDone = Monitor(false)

    /// Starts the body at once.
    public init(_ body: @escaping @Sendable () -> Void) {
        let isDone = isDone
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let box = Unmanaged.passRetained(
            Box {
                body()
                isDone.withLock { $0 = true }
            })
        var thread = pthread_t()
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }
        precondition(pthread_create(&thread, nil, start, box.toOpaque()) == 0, "no thread left")
        pthread_detach(thread)
    }

    /// False when the body does not end in time.
    public func join(seconds: Double = 15) -> Bool { isDone.wait(seconds: seconds) { $0 } }
}

/// Processor time in seconds that the calling thread has used.
public func threadProcessorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Runs blocking code on a thread of its own and suspends until it ends. Tests share as few threads as the processor
/// has cores, and each blocked thread holds up other tests.
public func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        _ = TestThread { continuation.resume(with: Result { try body() }) }
    }
}
