// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The raw readings of a meter between two commits, packed: each value as the difference from the reading before.
struct RawBlock: Sendable {
    private(set) var bytes: [UInt8] = []
    /// The time of the first reading, in milliseconds since 1970.
    private(set) var start: Int64 = 0
    private var time: Int64 = 0
    private var order: [Int64] = []
    private var values: [Int64: Int64] = [:]

    /// A reading as it is stored.
    struct Reading: Equatable {
        var milliseconds: Int64
        var values: [Int64: Int64]
    }

    mutating func append(_ values: [MeterBook.RawValue], at instant: Timestamp) {
        let now = instant.seconds * 1000 + Int64(instant.microseconds / 1000)
        if order.isEmpty { (start, time) = (now, now) }
        var packer = Packer()
        packer.append(signed: now - time)
        time = now
        if order.elementsEqual(values.lazy.map(\.series)) {
            packer.append(0)
        } else {
            order = values.map(\.series)
            packer.append(UInt64(order.count))
            var before: Int64 = 0
            for series in order {
                packer.append(signed: series - before)
                before = series
            }
        }
        for (series, value) in values {
            packer.append(signed: value &- (self.values[series] ?? 0))
            self.values[series] = value
        }
        bytes += packer.bytes
    }

    /// The readings of a block; of a damaged block, as many as can be read.
    static func readings(_ bytes: [UInt8], start: Int64) -> [Reading] {
        var reader = Unpacker(bytes)
        var readings: [Reading] = []
        var time = start
        var order: [Int64] = []
        var values: [Int64: Int64] = [:]
        while !reader.isAtEnd {
            guard let step = reader.nextSigned(), let count = reader.next(), count <= 100_000 else { break }
            time &+= step
            if count > 0 {
                order = []
                var before: Int64 = 0
                for _ in 0..<count {
                    guard let step = reader.nextSigned() else { return readings }
                    before &+= step
                    order.append(before)
                }
            }
            var reading = Reading(milliseconds: time, values: [:])
            for series in order {
                guard let step = reader.nextSigned() else { return readings }
                let value = (values[series] ?? 0) &+ step
                values[series] = value
                reading.values[series] = value
            }
            readings.append(reading)
        }
        return readings
    }
}
