// SPDX-License-Identifier: Apache-2.0

/// How long a value has been the same while messages brought it.
struct Stillness: Sendable, Equatable {
    /// Since when the value has been the same.
    let since: Timestamp
    /// How many messages brought it again.
    var count = 0

    /// True when it lasts a quarter of an hour over many messages.
    func isLong(at now: Timestamp) -> Bool { count >= 20 && now - since >= .minutes(15) }

    /// The stillness after one more message; messages that waited on their way, in any number, count as one moment.
    static func after(_ known: Stillness?, isSame: Bool, at now: Timestamp, isLive: Bool) -> Stillness {
        guard isSame, isLive, var known else { return Stillness(since: now) }
        known.count += 1
        return known
    }
}
