// SPDX-License-Identifier: Apache-2.0

/// When silence means that something is gone.
enum Silence {
    /// Three intervals, and a minute at least: one lost message and a late one are no silence.
    static func limit(_ interval: TimeSpan?) -> TimeSpan { max(.minutes(1), 3 * min(interval ?? .zero, longest)) }

    /// How long a register may be without an update before its value counts as stale.
    ///
    /// One that came once has no interval: what a meter sends at all, it sends every day.
    static func registerLimit(_ interval: TimeSpan?) -> TimeSpan {
        max(.minutes(1), 3 * min(interval ?? .hours(8), longest))
    }

    /// No meter is slower than once a week.
    private static let longest = TimeSpan.days(7)
}

/// The moment at which the next meter may have been silent for too long: one number, so that a message costs nothing and an
/// idle process sleeps.
struct SilenceDeadline: Sendable {
    /// Nothing is overdue before; nil while no meter is awaited.
    private(set) var next: Timestamp?

    /// A meter was heard, or is awaited until `deadline`.
    mutating func expect(_ deadline: Timestamp) {
        if let known = next, known <= deadline { return }
        next = deadline
    }

    /// True when the meters have to be looked at; those that are not overdue are to be expected anew.
    mutating func isDue(at now: Timestamp) -> Bool {
        guard let known = next, known <= now else { return false }
        next = nil
        return true
    }
}
