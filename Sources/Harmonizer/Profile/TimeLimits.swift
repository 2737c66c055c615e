// SPDX-License-Identifier: Apache-2.0

/// Which times are believed: the profile's `time`.
public struct TimeLimits: Sendable, Equatable {
    /// A clock that shows an earlier time was never set.
    public var earliest = Timestamp(seconds: 1_577_836_800)  // 2020-01-01T00:00:00Z
    /// How old the time of a message that just came may be, in milliseconds; what was stored on its way may be older.
    public var maxAge: Int64 = 86_400_000
    /// How far a time may be ahead of its arrival, in milliseconds.
    public var maxAhead: Int64 = 300_000
    /// How far a clock may be from the bridge's before it is said, in milliseconds.
    public var skew: Int64 = 60_000

    /// The shipped limits.
    public init() {}

    /// Reads the profile's `time`.
    init(_ map: YAMLReader, problems: ProblemList) {
        var map = map
        if let node = map.node("earliest"), !node.isNull, let text = node.text("earliest", problems: problems) {
            if let instant = RFC3339.instant(text) {
                earliest = instant
            } else {
                problems.error(node.mark, "\"earliest\" is a time such as 2020-01-01T00:00:00Z, not \"\(text)\"")
            }
        }
        maxAge = map.duration("max_age") ?? maxAge
        maxAhead = map.duration("max_ahead") ?? maxAhead
        skew = map.duration("skew") ?? skew
        map.finish()
    }
}
