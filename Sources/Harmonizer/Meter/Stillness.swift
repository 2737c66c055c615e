// SPDX-License-Identifier: Apache-2.0

/// How long a value is the same while messages bring it.
struct Stillness: Sendable, Equatable {
    /// Since when.
    let since: Timestamp
    /// How many messages brought it again.
    var count = 0

    /// True for a quarter of an hour in many messages.
    func isLong(at now: Timestamp) -> Bool { count >= 20 && now - since >= .minutes(15) }

    /// After one more message; what waited on its way, in any number, is a moment.
    static func after(_ known: Stillness?, isSame: Bool, at now: Timestamp, isLive: Bool) -> Stillness {
        guard isSame, isLive, var known else { return Stillness(since: now) }
        known.count += 1
        return known
    }
}
