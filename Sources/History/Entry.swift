// SPDX-License-Identifier: Apache-2.0

/// A bucket of one series: a place in a row, which holds all series of a meter in one span.
struct Entry: Sendable, Equatable {
    /// The number of the series.
    var series: Int64
    /// What is known of it.
    var bucket: Bucket
}

extension [Entry] {
    /// The position of a series.
    func position(of series: Int64) -> Int? { firstIndex { $0.series == series } }

    /// Takes the rows of later spans in: how the quarters of a day become its row.
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
