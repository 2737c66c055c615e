// SPDX-License-Identifier: Apache-2.0

/// Order statistics.
package enum Statistics {
    /// The middle one, of two the lower; nil without any.
    static func median<Value: Comparable>(_ values: [Value]) -> Value? { quantile(values, percent: 50) }

    /// The smallest value that so many percent of all do not exceed (nearest rank).
    static func quantile<Value: Comparable>(_ values: [Value], percent: Int) -> Value? {
        guard !values.isEmpty else { return nil }
        let rank = (values.count * percent + 99) / 100
        return values.sorted()[max(rank, 1) - 1]
    }
}
