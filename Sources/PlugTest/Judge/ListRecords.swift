// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The lists of registers that a row brings: a meter pushes its powers every few seconds and other registers in between.
struct ListRecords: Sendable {
    struct List: Sendable {
        package let registers: Set<OBISCode>
        /// Arrivals of everything that brings all of them, delayed readings left out.
        var arrivals: [TimeSpan] = []
        /// Their own times, delayed readings included.
        package var times: [TimeSpan] = []
        /// Readings of exactly this list.
        package var readings = 0

        var intervals: PlugTestRow.Intervals? { PlugTestRow.Intervals(arrivals) }
    }

    private(set) var lists: [List] = []

    /// A row that never sends the same list twice is no meter.
    private static let limit = 32
    private static let arrivalsLimit = 50_000

    mutating func note(_ registers: Set<OBISCode>, arrival: TimeSpan, time: TimeSpan, isDelayed: Bool) {
        if !lists.contains(where: { $0.registers == registers }), lists.count < Self.limit {
            // What brought more before brought this too.
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

    /// The list that brings most of what is expected, and of several the one that comes most often.
    func main(_ expected: Set<OBISCode>) -> List? {
        lists.max { one, other in
            let (first, second) = (
                one.registers.intersection(expected).count, other.registers.intersection(expected).count
            )
            return (first, one.arrivals.count) < (second, other.arrivals.count)
        }
    }

    /// Those that come at a pace of their own. A single register that others bring too is sent when it changes, at no pace.
    var paced: [List] {
        lists.filter { list in
            list.arrivals.count >= 3
                && (list.registers.count > 1 || !lists.contains { $0.registers.isStrictSuperset(of: list.registers) })
        }
    }
}
