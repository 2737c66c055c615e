// SPDX-License-Identifier: Apache-2.0

/// One number or one histogram, written by the instruments of swift-metrics.
protocol MetricSeries: Sendable {
    /// Its lines in the text format of Prometheus.
    ///
    /// - Parameter labels: `source="a"`, several of them with commas, or nothing.
    func lines(_ name: String, labels: String) -> String
}
