// SPDX-License-Identifier: Apache-2.0

/// Which times are believed: the profile's `time`.
public struct TimeLimits: Sendable, Equatable {
    /// A clock that shows an earlier time was never set.
    public var earliest = Timestamp(seconds: 1_577_836_800)  // 2020-01-01T00:00:00Z
    /// The greatest age of the time in a message that just arrived; a message that was stored on its way may be older.
    public var maxAge = TimeSpan.days(1)
    /// How far a time may be ahead of its arrival.
    public var maxAhead = TimeSpan.minutes(5)
    /// How far a clock may be from the bridge's before the bridge reports it.
    public var skew = TimeSpan.minutes(1)

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
        maxAge = map.span("max_age") ?? maxAge
        maxAhead = map.span("max_ahead") ?? maxAhead
        skew = map.span("skew") ?? skew
        map.finish()
    }
}
