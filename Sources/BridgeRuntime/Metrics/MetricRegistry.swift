// SPDX-License-Identifier: Apache-2.0

/// A table of metric series, written in Prometheus' text format 0.0.4.
///
/// Series of unknown families, and series beyond the limit, are ignored.
package struct MetricRegistry: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// The maximum number of series of all families together: enough for a thousand sources with a dozen series each.
    private static let limit = 20_000

    /// The counts of values per bucket.
    private struct Histogram {
        let bounds: [Double]
        /// By bucket, the last one without a bound.
        var counts: [Int]
        var sum = 0.0

        init(_ bounds: [Double]) {
            self.bounds = bounds
            counts = Array(repeating: 0, count: bounds.count + 1)
        }
    }

    private let families: [MetricFamily]
    /// By family, then by labels.
    private var numbers: [String: [String: Double]] = [:]
    private var histograms: [String: Histogram] = [:]
    private var count = 0

    init(families: [MetricFamily] = MetricFamily.all) {
        self.families = families
        for family in families {
            switch family.kind {
            case .counter, .gauge: numbers[family.name] = [:]
            case .histogram(let bounds): histograms[family.name] = Histogram(bounds)
            }
        }
    }

    /// Sets a counter to a value counted elsewhere. The counter never falls: of two simultaneous requests the later may bring an
    /// older snapshot.
    mutating func count(_ family: String, _ labels: [(String, String)], _ value: Double) {
        let labels = Self.text(labels)
        set(family, labels, max(value, numbers[family]?[labels] ?? 0))
    }

    mutating func set(_ family: String, _ labels: [(String, String)], _ value: Double) {
        set(family, Self.text(labels), value)
    }

    private mutating func set(_ family: String, _ labels: String, _ value: Double) {
        guard numbers[family]?.updateValue(value, forKey: labels) == nil, numbers[family] != nil else { return }
        count += 1
        if count > Self.limit { remove(family, labels) }
    }

    private mutating func remove(_ family: String, _ labels: String) {
        numbers[family]?[labels] = nil
        count -= 1
    }

    /// Removes every series of a family.
    mutating func clear(_ family: String) {
        for labels in (numbers[family] ?? [:]).keys { remove(family, labels) }
    }

    /// Adds a value to a histogram.
    mutating func record(_ family: String, _ value: Double) {
        guard let bounds = histograms[family]?.bounds else { return }
        histograms[family]?.counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        histograms[family]?.sum += value
    }

    // MARK: - Text

    /// All series: families in their order, series sorted by labels.
    var text: String {
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.name)\n"
            for (labels, value) in (numbers[family.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                text += "\(family.name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))\n"
            }
            guard let histogram = histograms[family.name] else { continue }
            var count = 0
            for (bound, more) in zip(histogram.bounds + [.infinity], histogram.counts) {
                count += more
                text += "\(family.name)_bucket{le=\"\(Self.number(bound))\"} \(count)\n"
            }
            text += "\(family.name)_sum \(Self.number(histogram.sum))\n\(family.name)_count \(count)\n"
        }
        return text
    }

    /// A number as Prometheus reads it.
    static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if value.isNaN { return "NaN" }
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return "\(whole)" }
        return "\(value)"
    }

    /// `source="gplug",reason="telegram.crc"`.
    private static func text(_ labels: [(String, String)]) -> String {
        labels.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }
}
