// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The net power of one meter in the last hour: one mean per twenty seconds.
struct PowerTrace: Sendable {
    static let seconds: Int64 = 20
    static let count = 180

    private struct Step: Sendable {
        /// Steps of twenty seconds since 1970.
        var number: Int64 = .min
        /// Watts.
        var sum: Int64 = 0
        var count: Int64 = 0
    }

    private var steps: [Step] = []

    /// Records a power in W; a value older than an hour is not shown.
    mutating func note(_ watts: Int64, at time: Timestamp) {
        if steps.isEmpty { steps = Array(repeating: Step(), count: Self.count) }
        let number = time.seconds / Self.seconds
        guard time.seconds > 0, abs(watts) < 1_000_000_000 else { return }
        let place = Int(number % Int64(Self.count))
        if steps[place].number < number { steps[place] = Step(number: number) }
        guard steps[place].number == number else { return }
        steps[place].sum += watts
        steps[place].count += 1
    }

    /// The hour up to `now`: the age of each step and its mean in W; oldest first, without empty steps.
    func points(at now: Timestamp) -> [PowerPoint] {
        let last = now.seconds / Self.seconds
        return steps.filter { $0.count > 0 && $0.number > last - Int64(Self.count) && $0.number <= last }
            .sorted { $0.number < $1.number }
            .map { PowerPoint(age: Int(last - $0.number), watts: $0.sum / $0.count) }
    }
}

/// The mean power of twenty seconds.
package struct PowerPoint: Sendable, Equatable {
    /// Steps of twenty seconds before now.
    var age: Int
    /// W, negative for export.
    var watts: Int64

    /// Points as JSON: seconds since 1970 and W.
    package static func list(_ points: [PowerPoint], at now: Timestamp) -> [UInt8] {
        let last = now.seconds / PowerTrace.seconds
        var writer = JSONWriter(capacity: 24 * points.count + 32)
        writer.object { json in
            json.key("rows")
            json.array { json in
                for point in points {
                    json.array { json in
                        json.number(ExactDecimal((last - Int64(point.age)) * PowerTrace.seconds))
                        json.number(ExactDecimal(point.watts))
                    }
                }
            }
        }
        return writer.bytes
    }
}
