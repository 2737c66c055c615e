// SPDX-License-Identifier: Apache-2.0
import Dispatch
package import Harmonizer
import MQTT

/// What people tell the bridge on its page, on its way to the loop's thread, which carries it out as if it had come by MQTT.
package final class LoopOrders: Sendable {
    /// One order, and who waits for its answer.
    struct Order: Sendable {
        let payload: [UInt8]
        let answer: @Sendable (Answer?) -> Void
    }

    private struct State {
        var waiting: [Order] = []
        var wake: (@Sendable () -> Void)?
    }

    /// Orders are given by hand.
    private static let limit = 16
    private static let patience = DispatchTimeInterval.seconds(5)

    private let state = Locked(State())

    /// Makes an empty one.
    package init() {}

    /// Calls `wake` for each order, for a loop that sleeps.
    func notify(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    /// What became of it; nil when the loop did not answer in time.
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

    /// Those that wait, for the loop.
    func take() -> [Order] {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
