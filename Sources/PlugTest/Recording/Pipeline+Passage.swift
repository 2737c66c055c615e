// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

extension Pipeline {
    /// Lets time pass as it does in the running bridge, which calls `advance` whenever something is due, and about once a
    /// second. Over a long wait the seconds are stretched, so that a day does not take one.
    package mutating func pass(from start: Timestamp, to moment: Timestamp) -> [Publication] {
        var now = start
        guard now < moment else { return [] }
        let second = max(.seconds(1), (moment - now) / 3600)
        var publications: [Publication] = []
        while now < moment {
            var next = min(moment, now + second)
            if let deadline = nextDeadline, now < deadline { next = min(next, deadline) }
            now = next
            publications += advance(to: now)
        }
        return publications
    }
}
