// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Finds outputs that a source would read back.
struct OutputsCheck {
    let problems: ProblemList

    /// - Parameter isOneBroker: true when input and output use the same broker; with two brokers nothing comes back.
    func check(_ outputs: Outputs, sources: [Source], isOneBroker: Bool) {
        guard isOneBroker else { return }
        for (output, filter, mark) in outputs.filters {
            guard let pattern = TopicPattern(filter) else { continue }
            for source in sources {
                guard let input = source.filters.first(where: { $0.overlaps(pattern) }) else { continue }
                var advice = "write \"subscribe\" of the source so that it leaves that out"
                if output == "rl-dsp" {
                    advice =
                        "give the readers' bundles another group than the bridge's, "
                        + "and subscribe to theirs alone: subscribe: [smartmeter/#, dt/building/#]"
                }
                problems.error(
                    mark,
                    "\"\(output)\" publishes on \(filter), which the source \"\(source.name)\" reads as "
                        + "\(input.filter): \(advice)")
            }
        }
    }
}
