// SPDX-License-Identifier: Apache-2.0

/// Order statistics.
package enum Statistics {
    /// The median, of an even number of values the lower middle one; nil without values.
    static func median<Value: Comparable>(_ values: [Value]) -> Value? { quantile(values, percent: 50) }

    /// The smallest value that `percent` of all values do not exceed (nearest rank); nil without values.
    static func quantile<Value: Comparable>(_ values: [Value], percent: Int) -> Value? {
        guard !values.isEmpty else { return nil }
        let rank = (values.count * percent + 99) / 100
        return values.sorted()[max(rank, 1) - 1]
    }
}
