// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

extension Pipeline {
    /// Advances the pipeline as the running bridge does, which calls `advance` whenever something is due and about once
    /// a second. Over a long wait the calls are further apart, so that a day of waiting takes little time.
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
