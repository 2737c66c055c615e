// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

extension HistoryReader {
    /// The values of a meter's counters at some instants, to the quarter hour.
    ///
    /// - Returns: for each instant the last values of the quarter hour that ends there or contains it, or of the one
    ///   before; without registers that had none, and without counters that were replaced by another device since.
    public func counters(
        of name: String, before instants: [Timestamp]
    ) throws(Failure) -> [[OBISCode: ExactDecimal]] {
        guard let meter = number(of: name) else { throw .unknownMeter(name) }
        let series = series(of: name)
        var newest: [OBISCode: Series] = [:]
        for one in series.values where one.isCounter && one.id > newest[one.register]?.id ?? 0 {
            newest[one.register] = one
        }
        var all: [[OBISCode: ExactDecimal]] = []
        do throws(DatabaseError) {
            for instant in instants {
                var values: [OBISCode: ExactDecimal] = [:]
                let last = Quarter.start(holding: instant.seconds - 1)
                for start in [last - Quarter.length, last] {
                    let entries = try database.row("quarter", start, meter)
                    for entry in entries.sorted(by: { $0.bucket.until < $1.bucket.until }) {
                        guard let own = series[entry.series], let now = newest[own.register], own.unit == now.unit,
                            own.epoch == now.epoch, case .counter(let counter) = entry.bucket.content
                        else { continue }
                        values[own.register] = own.number(counter.last)
                    }
                }
                all.append(values)
            }
        } catch {
            throw .unreadable("\(error)")
        }
        return all
    }
}
