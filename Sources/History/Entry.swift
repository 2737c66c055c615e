// SPDX-License-Identifier: Apache-2.0

/// A bucket of one series: one element of a row, which contains all series of a meter in one span.
struct Entry: Sendable, Equatable {
    /// The number of the series.
    var series: Int64
    /// The values of the series.
    var bucket: Bucket
}

extension [Entry] {
    /// The index of a series.
    func position(of series: Int64) -> Int? { firstIndex { $0.series == series } }

    /// Appends the rows of later spans, to build a day's row from its quarters.
    mutating func append(_ later: [Entry], startingAt start: Int64, isQuarter: Bool) {
        for entry in later {
            if let position = position(of: entry.series) {
                self[position].bucket.append(entry.bucket, startingAt: start, isQuarter: isQuarter)
            } else {
                let bucket = entry.bucket.opened(startingAt: start, isQuarter: isQuarter)
                append(Entry(series: entry.series, bucket: bucket))
            }
        }
    }
}
