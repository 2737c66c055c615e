// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Judges how a row recovered from the steps of a test, and finds gaps that no step explains.
struct StepJudge {
    let row: RowRecord
    let settings: PlugTestSettings
    let duration: TimeSpan

    /// The effect of each step on the main list, the one with the most expected registers.
    func results(expected: Set<OBISCode>) -> [PlugTestRow.StepResult] {
        guard let list = row.lists.main(expected), let interval = list.intervals else { return [] }
        return settings.steps.compactMap { step in
            let at = step.at.offset(from: row.start)
            guard (.zero...duration).contains(at) else { return nil }
            return result(of: step, at: at, list: list, interval: interval)
        }
    }

    private func result(
        of step: PlugTestStep, at: TimeSpan, list: ListRecords.List, interval: PlugTestRow.Intervals
    ) -> PlugTestRow.StepResult {
        let arrivals = list.arrivals
        let spans = zip(arrivals, arrivals.dropFirst())
        if let (before, after) = spans.first(where: { $1 > at && $0 < at + step.within && $1 - $0 > interval.pause }) {
            let recovered = max(.zero, after - at)
            return PlugTestRow.StepResult(
                name: step.name, recovered: recovered,
                lost: lost(between: before, and: after, list: list, interval: interval),
                verdict: recovered <= step.within ? .pass : .fail)
        }
        if let last = arrivals.last, last <= at + step.within, duration - last > interval.gap {
            let lost = Int((duration - last) / max(.milliseconds(1), interval.median))
            return PlugTestRow.StepResult(name: step.name, recovered: nil, lost: lost, verdict: .fail)
        }
        return PlugTestRow.StepResult(name: step.name, recovered: .zero, lost: 0, verdict: .pass)
    }

    /// The readings due during an interruption, less those that came later with a time within it.
    private func lost(
        between before: TimeSpan, and after: TimeSpan, list: ListRecords.List, interval: PlugTestRow.Intervals
    ) -> Int {
        let median = max(.milliseconds(1), interval.median)
        let due = (after - before + median / 2) / median - 1
        let ahead = row.clock.clock?.offset ?? .zero
        // The bridge itself corrects the hours of a wrong zone.
        let isOfZone = ahead.zoneHours.map { $0 != 0 } ?? false
        let late = list.times.count { time in
            let real = time - (isOfZone ? .zero : ahead)
            return real > before + median / 2 && real < after - median / 2
        }
        return max(0, Int(due) - late)
    }

    /// Sentences about gaps that no step explains.
    var gaps: [String] {
        var sentences: [String] = []
        for list in row.lists.paced {
            guard let interval = list.intervals else { continue }
            let ends = list.arrivals + [duration]
            let silent = zip(list.arrivals, ends.dropFirst()).filter {
                $1 - $0 > interval.gap && !isExplained(from: $0, to: $1, interval: interval)
            }
            guard let longest = silent.max(by: { ($0.1 - $0.0, $1.0) < ($1.1 - $1.0, $0.0) }) else { continue }
            let count = silent.count == 1 ? "a gap" : "\(silent.count) gaps, the longest"
            let registers = list.registers.count == 1 ? "1 register" : "\(list.registers.count) registers"
            sentences.append(
                "\(count) of \((longest.1 - longest.0).text) at \(longest.0.moment) in the list of \(registers) that "
                    + "comes every \(interval.median.text)")
        }
        return sentences
    }

    private func isExplained(from: TimeSpan, to: TimeSpan, interval: PlugTestRow.Intervals) -> Bool {
        settings.steps.contains { step in
            let at = step.at.offset(from: row.start)
            return to > at - interval.median && from < at + step.within
        }
    }
}
