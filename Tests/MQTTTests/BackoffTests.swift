// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import MQTT

/// How long is waited for a broker that is away.
struct BackoffTests {
    /// Behind so many failures.
    private static func backoff(failures: Int) -> Backoff {
        var backoff = Backoff(.milliseconds(200)...(.seconds(30)))
        for _ in 0..<failures { _ = backoff.next() }
        return backoff
    }

    /// With the jitter of a fifth.
    private static let shortest = Duration.milliseconds(160)...(.milliseconds(240))

    @Test func `each pause is twice the last one, up to the longest`() {
        for (failures, pause) in [(0, 0.2), (1, 0.4), (4, 3.2), (8, 30), (50, 30)] {
            var backoff = Self.backoff(failures: failures)
            let range = Duration.seconds(pause * 0.79)...(.seconds(pause * 1.21))
            #expect(range.contains(backoff.next()), "after \(failures)")
        }
    }

    /// A broker that is killed every two seconds was waited for most of the time: once the pauses had grown behind a slow
    /// start, no connection lasted longer than the pause before it.
    @Test(arguments: [1, 4, 50]) func `a connection of more than a second is tried again soon`(failures: Int) {
        var backoff = Self.backoff(failures: failures)
        backoff.served(.milliseconds(1100))
        #expect(Self.shortest.contains(backoff.next()))
    }

    @Test func `one that lasts longer than it was waited for is tried again soon`() {
        var backoff = Self.backoff(failures: 1)
        backoff.served(.milliseconds(300))
        #expect(Self.shortest.contains(backoff.next()))
    }

    @Test(arguments: [1, 4, 50]) func `whoever only accepts is tried slower and slower`(failures: Int) {
        var backoff = Self.backoff(failures: failures)
        backoff.served(.milliseconds(90))
        #expect(!Self.shortest.contains(backoff.next()))
    }

    @Test func `an attempt at once does not make what accepts for a moment worth another`() {
        var backoff = Self.backoff(failures: 4)
        #expect(backoff.skip() == .zero)
        backoff.served(.milliseconds(90))
        #expect(!Self.shortest.contains(backoff.next()))
    }

    @Test func `a connection that is closed again and again is not tried at once for ever`() {
        var backoff = Self.backoff(failures: 0)
        for _ in 0..<5 {
            #expect(backoff.skip() == .zero)
            backoff.served(.milliseconds(500))
        }
        #expect(Self.shortest.contains(backoff.skip()))
        // One that lasted is worth it again.
        backoff.served(.seconds(6))
        #expect(backoff.skip() == .zero)
    }
}
