// SPDX-License-Identifier: Apache-2.0
import Dispatch
package import Harmonizer
import MQTT

/// Passes commands from the page to the loop's thread, which executes them as if they had come by MQTT.
package final class LoopOrders: Sendable {
    /// One command, and the callback for its answer.
    struct Order: Sendable {
        let payload: [UInt8]
        let answer: @Sendable (Answer?) -> Void
    }

    private struct State {
        var waiting: [Order] = []
        var wake: (@Sendable () -> Void)?
    }

    /// The maximum number of waiting commands: people give them by hand.
    private static let limit = 16
    private static let patience = DispatchTimeInterval.seconds(5)

    private let state = Locked(State())

    /// A queue without commands.
    package init() {}

    /// Calls `wake` for each command, to wake a sleeping loop.
    func notify(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    /// Gives a command to the loop. Returns its answer; nil when the loop did not answer in time.
    package func give(_ command: Command) async -> Answer? {
        await withCheckedContinuation { continuation in
            let waiting = Locked<CheckedContinuation<Answer?, Never>?>(continuation)
            let resume: @Sendable (Answer?) -> Void = { answer in
                let taken = waiting.withLock { $0.take() }
                taken?.resume(returning: answer)
            }
            let wake = state.withLock { state -> (@Sendable () -> Void)? in
                guard state.waiting.count < Self.limit, let wake = state.wake else { return nil }
                state.waiting.append(Order(payload: command.payload, answer: resume))
                return wake
            }
            guard let wake else { return resume(nil) }
            wake()
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { resume(nil) }
        }
    }

    /// Takes the waiting commands, for the loop.
    func take() -> [Order] {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
