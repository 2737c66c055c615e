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

    /// False when the body has not ended within the time.
    public func join(seconds: Double = 15) -> Bool { isDone.wait(seconds: seconds) { $0 } }
}

/// Seconds of processor time that the calling thread has used.
public func threadProcessorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Runs blocking code on a thread of its own and suspends until it ends. The threads that tests run on are as few as the
/// processor has cores, and each that blocks holds up the others' tests.
public func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        _ = TestThread { continuation.resume(with: Result { try body() }) }
    }
}
