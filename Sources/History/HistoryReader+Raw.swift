// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

// Single readings of the last days.
extension HistoryReader {
    /// One value of a register, as read.
    public struct Value: Sendable, Equatable {
        /// When it was read.
        public var time: Timestamp
        /// The value.
        public var number: ExactDecimal
    }

    /// The single values of a register from `from` to before `to`, oldest first; empty when none are kept.
    public func values(meter name: String, register: OBISCode, from: Timestamp, to: Timestamp) throws(Failure)
        -> [Value]
    {
        guard let id = number(of: name) else { throw .unknownMeter(name) }
        let wanted = series(of: name, register)
        let (first, last) = (from.seconds * 1000, to.seconds * 1000)
        var values: [Value] = []
        do throws(DatabaseError) {
            // A block contains the readings between two commits: after an outage, many hours.
            try database.query(
                "SELECT start, body FROM raw WHERE start >= ? AND start < ? AND meter = ? ORDER BY start",
                .integer(first - 86_400_000), .integer(last), .integer(id)
            ) { row throws(DatabaseError) in
                for reading in RawBlock.readings(row.bytes(1), start: row.integer(0))
                where (first..<last).contains(reading.milliseconds) {
                    guard
                        let (series, value) = reading.values.lazy.compactMap({ key, value in
                            wanted[key].map { ($0, value) }
                        }).first
                    else { continue }
                    let (seconds, rest) = reading.milliseconds.quotientAndRemainder(dividingBy: 1000)
                    let time = Timestamp(
                        seconds: seconds, microseconds: Int32(rest * 1000), fractionDigits: rest == 0 ? 0 : 3)
                    values.append(Value(time: time, number: series.number(value)))
                }
            }
        } catch {
            throw .unreadable("\(error)")
        }
        return values
    }
}
