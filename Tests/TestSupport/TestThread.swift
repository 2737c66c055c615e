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
