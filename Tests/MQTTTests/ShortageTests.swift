// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import MQTT

/// A system that cannot start more threads.
struct ShortageTests {
    @Test func `work that has no thread is not done by whoever wanted it done`() {
        let wasRun = Locked(false)
        let work: @Sendable () -> String = {
            wasRun.withLock { $0 = true }
            return "done"
        }
        let task = BackgroundTask(wakeup: Wakeup(), orElse: "no thread", start: { _ in false }, work)
        #expect(task.result == "no thread")
        #expect(!wasRun.withLock { $0 })
    }
}
