// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The lists of registers that a row sends: a meter pushes its powers every few seconds and other registers in between.
struct ListRecords: Sendable {
    struct List: Sendable {
        package let registers: Set<OBISCode>
        /// Arrivals of all readings that contain all of the list's registers, without delayed readings.
        var arrivals: [TimeSpan] = []
        /// The readings' own times, with delayed readings.
        package var times: [TimeSpan] = []
        /// Readings of exactly this list.
        package var readings = 0

        var intervals: PlugTestRow.Intervals? { PlugTestRow.Intervals(arrivals) }
    }

    private(set) var lists: [List] = []

    /// The maximum number of lists: a row that never sends the same list twice is not a meter.
    private static let limit = 32
    private static let arrivalsLimit = 50_000

    mutating func note(_ registers: Set<OBISCode>, arrival: TimeSpan, time: TimeSpan, isDelayed: Bool) {
        if !lists.contains(where: { $0.registers == registers }), lists.count < Self.limit {
            // Earlier readings of a larger list contained this list too.
            let known = lists.filter { $0.registers.isSuperset(of: registers) }
            lists.append(
                List(
                    registers: registers, arrivals: Set(known.flatMap(\.arrivals)).sorted(),
                    times: Set(known.flatMap(\.times)).sorted()))
        }
        for index in lists.indices where registers.isSuperset(of: lists[index].registers) {
            if lists[index].registers == registers { lists[index].readings += 1 }
            guard lists[index].times.count < Self.arrivalsLimit else { continue }
            lists[index].times.append(time)
            if !isDelayed { lists[index].arrivals.append(arrival) }
        }
    }

    /// The list with the most expected registers; of several, the most frequent one.
    func main(_ expected: Set<OBISCode>) -> List? {
        lists.max { one, other in
            let (first, second) = (
                one.registers.intersection(expected).count, other.registers.intersection(expected).count
            )
            return (first, one.arrivals.count) < (second, other.arrivals.count)
        }
    }

    /// The lists with a regular interval. A single register that a larger list contains too is sent on change, without
    /// an interval.
    var paced: [List] {
        lists.filter { list in
            list.arrivals.count >= 3
                && (list.registers.count > 1 || !lists.contains { $0.registers.isStrictSuperset(of: list.registers) })
        }
    }
}
