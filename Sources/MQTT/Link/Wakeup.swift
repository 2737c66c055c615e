// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// An eventfd that ends a `poll` on another thread.
package final class Wakeup: Sendable {
    /// Readable after `signal()`; negative when no descriptor was left. poll(2) ignores a negative one, and the loops
    /// check five times a second anyway.
    package let descriptor: Int32

    package init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Callable from any thread, and from a signal handler.
    package func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
