// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import MQTT

/// The backend of swift-metrics: keeps the series of some families and writes them as Prometheus reads them.
///
/// An instrument of no family, and one beyond the limit, counts for nobody.
package final class MetricRegistry: MetricsFactory {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// Series of all families together: a thousand sources with a dozen series each have room.
    private static let limit = 20_000

    private struct State {
        /// By family, then by labels.
        var series: [String: [String: any MetricSeries]] = [:]
        var count = 0
    }

    private let families: [MetricFamily]
    private let kinds: [String: MetricFamily.Kind]
    private let state = Locked(State())

    init(families: [MetricFamily] = MetricFamily.all) {
        self.families = families
        kinds = Dictionary(families.map { ($0.name, $0.kind) }) { first, _ in first }
    }

    /// Everything there is: the families in their order, their series by labels.
    var text: String {
        let series = state.withLock { $0.series }
        var text = ""
        for family in families {
            let kind =
                switch family.kind {
                case .counter: "counter"
                case .gauge: "gauge"
                case .histogram: "histogram"
                }
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(kind)\n"
            for (labels, one) in (series[family.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                text += one.lines(family.name, labels: labels)
            }
        }
        return text
    }

    private func series<Series: MetricSeries>(
        _ family: String, _ dimensions: [(String, String)], _ make: @autoclosure () -> Series
    ) -> Series {
        let new = make()
        guard kinds[family] != nil else { return new }
        let labels = MetricText.labels(dimensions)
        return state.withLock { state in
            if let known = state.series[family]?[labels] as? Series { return known }
            guard state.count < Self.limit else { return new }
            state.count += 1
            state.series[family, default: [:]][labels] = new
            return new
        }
    }

    private func remove(_ series: AnyObject) {
        state.withLock { state in
            for (family, known) in state.series {
                for (labels, one) in known where (one as AnyObject) === series {
                    state.series[family]?[labels] = nil
                    state.count -= 1
                }
            }
        }
    }

    // MARK: - MetricsFactory

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, NumberSeries())
    }

    func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, dimensions, NumberSeries())
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, NumberSeries())
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate, case .histogram(let bounds)? = kinds[label] else {
            return series(label, dimensions, NumberSeries())
        }
        return series(label, dimensions, HistogramSeries(bounds))
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        guard case .histogram(let bounds)? = kinds[label] else { return HistogramSeries([]) }
        return series(label, dimensions, HistogramSeries(bounds))
    }

    func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
