// SPDX-License-Identifier: Apache-2.0

/// A run of messages whose clock advances as fast as they arrive: a live sender. A backlog, however late, comes faster
/// than it was made.
struct PaceRun: Sendable {
    private var time: Timestamp
    private var received: Timestamp
    private var last: Timestamp
    /// Different times so far; several messages with one time are one instant of the clock.
    private(set) var count = 1
    /// True once the run was long enough to show the pace of a clock of whole seconds.
    private(set) var isProven = false

    /// Any three messages of one burst may seem to have a pace.
    private static let shortest = TimeSpan.milliseconds(1500)
    /// The run is measured anew after this long; otherwise its allowance would grow without end.
    private static let longest = TimeSpan.seconds(30)

    /// One second for clocks that show whole seconds, and some for the transport of the message.
    private static let allowance = TimeSpan.milliseconds(1500)

    init(time: Timestamp, received: Timestamp) {
        self.time = time
        self.received = received
        last = time
    }

    /// Takes in one more message.
    ///
    /// - Returns: false when the message does not belong to the run; the run is then unchanged.
    mutating func take(_ next: Timestamp, received arrival: Timestamp) -> Bool {
        let elapsed = arrival - received
        let clock = next - time
        guard elapsed >= .zero, next.seconds >= last.seconds,
            (clock - elapsed).magnitude <= Self.allowance + elapsed / 10
        else { return false }
        if last.seconds < next.seconds { count += 1 }
        last = max(next, last)
        if elapsed >= Self.shortest, count > 1 { isProven = true }
        if isProven, elapsed >= Self.longest {
            time = next
            received = arrival
        }
        return true
    }
}
