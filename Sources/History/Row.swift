// SPDX-License-Identifier: Apache-2.0

/// All series of a meter in one span, packed: the contents of a row in the tables `quarter` and `day`.
///
/// First `since` and `until` of the first entry, relative to the span's start; then for each entry: bits for its
/// contents, the difference from the series before, its own times where they differ, and its numbers.
enum Row {
    private static let isMomentary: UInt64 = 1
    private static let hasTimes: UInt64 = 2
    private static let hasQuarters: UInt64 = 4
    private static let hasPeak: UInt64 = 8

    static func packed(_ entries: [Entry], start: Int64) -> [UInt8] {
        var packer = Packer()
        let entries = entries.sorted { $0.series < $1.series }
        var series: Int64 = 0
        var times: (since: Int64?, until: Int64) = (nil, start)
        for (index, entry) in entries.enumerated() {
            let bucket = entry.bucket
            if index == 0 { append((bucket.since, bucket.until), start, to: &packer) }
            let own = index > 0 && (bucket.since != times.since || bucket.until != times.until)
            if index == 0 { times = (bucket.since, bucket.until) }
            var bits: UInt64 = own ? hasTimes : 0
            if bucket.quarters != 1 { bits |= hasQuarters }
            if case .momentary = bucket.content { bits |= isMomentary }
            if case .counter(let counter) = bucket.content, counter.peak != nil { bits |= hasPeak }
            packer.append(bits)
            packer.append(UInt64(bitPattern: entry.series &- series))
            series = entry.series
            if own { append((bucket.since, bucket.until), start, to: &packer) }
            if bits & hasQuarters != 0 { packer.append(UInt64(bucket.quarters)) }
            switch bucket.content {
            case .counter(let counter):
                packer.append(signed: counter.rise)
                packer.append(signed: counter.last)
                if let peak = counter.peak {
                    packer.append(signed: peak.rise)
                    packer.append(signed: peak.start - start)
                }
            case .momentary(let momentary):
                packer.append(UInt64(momentary.count))
                packer.append(signed: momentary.min)
                packer.append(signed: momentary.max &- momentary.min)
                packer.append(signed: momentary.sum &- momentary.min &* momentary.count)
            }
        }
        return packer.bytes
    }

    private static func append(_ times: (since: Int64?, until: Int64), _ start: Int64, to packer: inout Packer) {
        packer.append(UInt64(bitPattern: times.until - start))
        // The distance plus one, because 0 means that there is none.
        guard let since = times.since else { return packer.append(0) }
        let distance = start - since
        packer.append(signed: distance >= 0 ? distance + 1 : distance)
    }

    /// The entries of a row; nil for bytes that are not a row.
    ///
    /// - Parameter wanted: the series to read, by number: a chart shows one register, and a row contains all. nil for
    ///   all.
    static func entries(_ bytes: [UInt8], start: Int64, of wanted: ClosedRange<Int64>? = nil) -> [Entry]? {
        var reader = Unpacker(bytes)
        var entries: [Entry] = []
        guard !reader.isAtEnd else { return [] }
        guard let common = times(&reader, start) else { return nil }
        var series: Int64 = 0
        while !reader.isAtEnd {
            guard let bits = reader.next(), let step = reader.next() else { return nil }
            series &+= Int64(bitPattern: step)
            if let wanted, !wanted.contains(series) {
                guard reader.skip(count(bits)) else { return nil }
                continue
            }
            var times = common
            if bits & hasTimes != 0 {
                guard let own = Self.times(&reader, start) else { return nil }
                times = own
            }
            var quarters = 1
            if bits & hasQuarters != 0 {
                guard let count = reader.next(), let number = Int(exactly: count) else { return nil }
                quarters = number
            }
            guard let content = content(&reader, bits, start) else { return nil }
            entries.append(
                Entry(
                    series: series,
                    bucket: Bucket(since: times.since, until: times.until, quarters: quarters, content: content)))
        }
        return entries
    }

    /// The number of integers after the bits of an entry and its series.
    private static func count(_ bits: UInt64) -> Int {
        (bits & hasTimes != 0 ? 2 : 0) + (bits & hasQuarters != 0 ? 1 : 0)
            + (bits & isMomentary != 0 ? 4 : bits & hasPeak != 0 ? 4 : 2)
    }

    private static func content(_ reader: inout Unpacker, _ bits: UInt64, _ start: Int64) -> Bucket.Content? {
        if bits & isMomentary != 0 {
            guard let count = reader.next().flatMap({ Int64(exactly: $0) }), let min = reader.nextSigned(),
                let height = reader.nextSigned(), let excess = reader.nextSigned()
            else { return nil }
            return .momentary(
                Bucket.Momentary(count: count, sum: excess &+ min &* count, min: min, max: min &+ height))
        }
        guard let rise = reader.nextSigned(), let last = reader.nextSigned() else { return nil }
        var counter = Bucket.Counter(rise: rise, last: last)
        if bits & hasPeak != 0 {
            guard let rise = reader.nextSigned(), let distance = reader.nextSigned() else { return nil }
            counter.peak = Bucket.Peak(rise: rise, start: start &+ distance)
        }
        return .counter(counter)
    }

    private static func times(_ reader: inout Unpacker, _ start: Int64) -> (since: Int64?, until: Int64)? {
        guard let length = reader.next(), let distance = reader.nextSigned() else { return nil }
        let until = start &+ Int64(bitPattern: length)
        if distance == 0 { return (nil, until) }
        return (start &- (distance > 0 ? distance - 1 : distance), until)
    }
}
