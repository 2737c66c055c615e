// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Page

/// A small line chart as SVG, drawn in the colours of the page around it.
struct ChartPicture {
    let chart: PlugTestRow.Chart
    /// The duration that the width represents.
    let duration: TimeSpan
    /// The steps to mark.
    let steps: [PlugTestReport.Step]

    private static let width = 300.0
    private static let height = 64.0
    private static let margin = 4.0

    /// The SVG; empty for fewer than two points.
    var svg: String {
        let values = chart.points.compactMap { $0.count == 2 ? $0[1] : nil }
        guard values.count > 1, let lowest = values.min(), let highest = values.max(), let last = values.last else {
            return ""
        }
        // The axis of an interval starts at 0.
        let bottom = chart.title == "interval" ? 0 : lowest
        let line = chart.points.filter { $0.count == 2 }
            .map { "\(Self.text(x(.milliseconds($0[0])))),\(Self.text(y($0[1], bottom, highest)))" }.joined(
                separator: " ")
        let marks = steps.filter { (.zero...duration).contains($0.at) }.map { step in
            "<line class=\"step\" x1=\"\(Self.text(x(step.at)))\" x2=\"\(Self.text(x(step.at)))\" y1=\"0\" y2=\"\(Self.text(Self.height))\">"
                + "<title>\(HTMLText.escaped(step.name)) \(step.at.moment)</title></line>"
        }.joined()
        let unit = chart.unit.isEmpty ? "" : " \(HTMLText.escaped(chart.unit))"
        let name = HTMLText.escaped(chart.title.replacing("_", with: " "))
        let range = lowest == highest ? Self.number(lowest) : "\(Self.number(lowest)) – \(Self.number(highest))"
        return """
            <figure><figcaption><b>\(name)</b> <span>\(range)\(unit)</span></figcaption>\
            <svg viewBox="0 0 \(Self.text(Self.width)) \(Self.text(Self.height))" preserveAspectRatio="none" role="img" \
            aria-label="\(name) over the recording: \(range)\(unit), last \(Self.number(last))\(unit)">\
            \(marks)<polyline points="\(line)"/></svg></figure>
            """
    }

    // MARK: - Places

    /// Pixels do not need exact decimals.
    private func x(_ time: TimeSpan) -> Double {
        Self.margin + (Self.width - 2 * Self.margin) * Double(time.milliseconds) / Double(max(1, duration.milliseconds))
    }

    private func y(_ value: Int64, _ lowest: Int64, _ highest: Int64) -> Double {
        guard highest > lowest else { return Self.height / 2 }
        let share = (Double(value) - Double(lowest)) / (Double(highest) - Double(lowest))
        return Self.height - Self.margin - (Self.height - 2 * Self.margin) * share
    }

    private static func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// Thousandths in short form for people: three digits are enough above a hundred.
    private static func number(_ thousandths: Int64) -> String {
        let magnitude = thousandths.magnitude
        let whole = magnitude / 1000
        let rest = magnitude % 1000
        let sign = thousandths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        var digits = "\(rest)"
        digits = String(repeating: "0", count: 3 - digits.utf8.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }
}
