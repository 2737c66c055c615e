// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

extension PlugTestRow.Intervals {
    /// The intervals between arrivals, each a time since the start; nil for fewer than two arrivals.
    package init?(_ arrivals: [TimeSpan]) {
        let spans = Self.spans(arrivals)
        guard let median = Statistics.median(spans), let p95 = Statistics.quantile(spans, percent: 95),
            let longest = spans.indices.max(by: { (spans[$0], $1) < (spans[$1], $0) })
        else { return nil }
        self.init(median: median, p95: p95, longest: spans[longest], longestAt: arrivals[longest])
    }

    package static func spans(_ arrivals: [TimeSpan]) -> [TimeSpan] {
        zip(arrivals.dropFirst(), arrivals).map { $0 - $1 }
    }

    /// A span too long for a normal variation: more than one telegram is missing.
    package var gap: TimeSpan { median * 5 / 2 + .seconds(2) }

    /// A span in which one telegram is missing: enough when an interruption is expected.
    package var pause: TimeSpan { median * 3 / 2 + .milliseconds(500) }
}
