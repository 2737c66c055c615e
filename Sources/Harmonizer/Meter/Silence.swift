// SPDX-License-Identifier: Apache-2.0

/// After how long a silence means that something is gone.
enum Silence {
    /// Three intervals, and at least a minute: one lost and one late message do not count as silence.
    static func limit(_ interval: TimeSpan?) -> TimeSpan { max(.minutes(1), 3 * min(interval ?? .zero, longest)) }

    /// How long a register may be without an update before its value counts as stale.
    ///
    /// A register that arrived once has no interval yet: a meter sends each of its registers every day.
    static func registerLimit(_ interval: TimeSpan?) -> TimeSpan {
        max(.minutes(1), 3 * min(interval ?? .hours(8), longest))
    }

    /// No meter is slower than once a week.
    private static let longest = TimeSpan.days(7)
}

/// The moment at which the next meter may have been silent for too long: one number, so that a message costs nothing
/// and an idle process sleeps.
struct SilenceDeadline: Sendable {
    /// No meter is overdue before this time; nil while none is awaited.
    private(set) var next: Timestamp?

    /// Call it when a meter was heard, or is awaited until `deadline`.
    mutating func expect(_ deadline: Timestamp) {
        if let known = next, known <= deadline { return }
        next = deadline
    }

    /// True when the caller has to check the meters, and to call `expect` for those that are not overdue.
    mutating func isDue(at now: Timestamp) -> Bool {
        guard let known = next, known <= now else { return false }
        next = nil
        return true
    }
}
