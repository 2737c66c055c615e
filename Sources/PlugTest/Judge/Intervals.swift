// SPDX-License-Identifier: Apache-2.0

/// Order statistics of whole numbers.
package enum Statistics {
    /// The middle one, of two the lower; nil without any.
    static func median(_ values: [Int64]) -> Int64? { quantile(values, percent: 50) }

    /// The smallest value that so many percent of all do not exceed (nearest rank).
    static func quantile(_ values: [Int64], percent: Int) -> Int64? {
        guard !values.isEmpty else { return nil }
        let rank = (values.count * percent + 99) / 100
        return values.sorted()[max(rank, 1) - 1]
    }
}

extension PlugTestRow.Intervals {
    /// Between arrivals in milliseconds since the start; nil for fewer than two.
    package init?(_ arrivals: [Int64]) {
        let spans = Self.spans(arrivals)
        guard let median = Statistics.median(spans), let p95 = Statistics.quantile(spans, percent: 95),
            let longest = spans.indices.max(by: { (spans[$0], $1) < (spans[$1], $0) })
        else { return nil }
        self.init(median: median, p95: p95, longest: spans[longest], longestAt: arrivals[longest])
    }

    package static func spans(_ arrivals: [Int64]) -> [Int64] { zip(arrivals.dropFirst(), arrivals).map { $0 - $1 } }

    /// A span that is no variation any more: more than one telegram is missing.
    package var gap: Int64 { median * 5 / 2 + 2000 }

    /// A span in which a telegram is missing: enough to notice where one is looked for.
    package var pause: Int64 { median * 3 / 2 + 500 }
}
