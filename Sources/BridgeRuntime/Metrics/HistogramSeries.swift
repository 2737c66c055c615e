// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import MQTT

/// How many values were at most as large as each bound. A timer records in seconds.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// By bucket, the last one without a bound.
        var counts: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Locked<State>

    init(_ bounds: [Double]) {
        self.bounds = bounds
        state = Locked(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func lines(_ name: String, labels: String) -> String {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var text = ""
        var count = 0
        for (bound, more) in zip(bounds + [.infinity], state.counts) {
            count += more
            text += "\(name)_bucket{\(prefix)le=\"\(MetricText.number(bound))\"} \(count)\n"
        }
        let suffix = labels.isEmpty ? "" : "{\(labels)}"
        return text + "\(name)_sum\(suffix) \(MetricText.number(state.sum))\n\(name)_count\(suffix) \(count)\n"
    }
}
