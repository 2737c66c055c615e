// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import MQTT

/// A counter or a gauge.
final class NumberSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler, RecorderHandler, MeterHandler {
    private let value = Locked(0.0)

    func increment(by amount: Int64) { value.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }
    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func reset() { set(0.0) }

    func lines(_ name: String, labels: String) -> String {
        let value = value.withLock { $0 }
        return "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(MetricText.number(value))\n"
    }
}
