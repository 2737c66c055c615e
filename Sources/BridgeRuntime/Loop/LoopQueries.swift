// SPDX-License-Identifier: Apache-2.0
package import Dispatch
import MQTT

/// Passes queries from other threads to the loop thread, which answers at the end of a pass: it never blocks on the
/// asker, and each answer is a consistent snapshot.
package final class LoopQueries: Sendable {
    package typealias Instant = ContinuousClock.Instant
    typealias Question = @Sendable (LoopView) -> Void

    private struct State {
        var questions: [Question] = []
        var lastPass: Instant?
        var wake: (@Sendable () -> Void)?
    }

    /// A caller that waits for its answer, or has stopped waiting.
    private final class Asker<Answer: Sendable>: Sendable {
        private let continuation: Locked<CheckedContinuation<Answer?, Never>?>

        init(_ continuation: CheckedContinuation<Answer?, Never>) { self.continuation = Locked(continuation) }

        var isWaiting: Bool { continuation.withLock { $0 != nil } }

        func resume(_ answer: Answer?) {
            let waiting = continuation.withLock { $0.take() }
            waiting?.resume(returning: answer)
        }
    }

    /// The maximum number of waiting queries; further ones get no answer.
    private static let limit = 256

    private let state = Locked(State())

    /// Calls `wake` for each query, to wake a sleeping loop.
    func notify(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    /// The loop's answer; nil when the loop does not answer within `limit`.
    package func ask<Answer: Sendable>(
        within limit: DispatchTimeInterval, _ question: @escaping @Sendable (LoopView) -> Answer
    ) async -> Answer? {
        await withCheckedContinuation { continuation in
            let asker = Asker(continuation)
            let wake = state.withLock { state -> (@Sendable () -> Void)? in
                guard state.questions.count < Self.limit, let wake = state.wake else { return nil }
                state.questions.append { view in if asker.isWaiting { asker.resume(question(view)) } }
                return wake
            }
            guard let wake else { return asker.resume(nil) }
            wake()
            DispatchQueue.global().asyncAfter(deadline: .now() + limit) { asker.resume(nil) }
        }
    }

    /// Records a completed pass of the loop. Returns the queries to answer now.
    func passed(at now: Instant) -> [Question] {
        state.withLock { state in
            state.lastPass = now
            guard !state.questions.isEmpty else { return [] }
            defer { state.questions = [] }
            return state.questions
        }
    }

    /// The time since the loop's last pass, which it completes at least five times a second, with or without a broker;
    /// nil before the first pass.
    package func timeSincePass(_ now: Instant = .now) -> Duration? { state.withLock { $0.lastPass }.map { now - $0 } }
}
