// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging
import MQTT
import Machine

/// Reads a source of bytes on a thread of its own, opens it again whenever it fails, and adds each message to the
/// pipeline's queue.
struct ByteInput<Bytes: ByteSource>: Sendable {
    let input: InputSettings
    let queue: InputQueue
    let logger: Logger
    /// The longest pause between two attempts.
    var longestPause = Duration.seconds(60)
    /// True when an open connection proves nothing: a server may accept and close.
    var needsBytes = false
    /// Makes the source for the next attempt.
    let make: @Sendable () -> Bytes

    private struct Progress {
        var report = OutageReport()
        /// True when the log reports the source as open.
        var isAnnounced = false
        /// The log sentence for the first bytes.
        var sentence: String?
    }

    /// Runs until its task is cancelled. It keeps trying while the source is missing or has failed.
    func run() async {
        let progress = Locked(Progress())
        while !Task.isCancelled {
            guard let fault = await read(make(), progress) else { return }
            let (sentence, pause) = progress.withLock { progress in
                let sentence = progress.report.failed(fault.description, at: .now)
                if sentence != nil { progress.isAnnounced = false }
                return (sentence, min(progress.report.pause(.seconds(1)), longestPause))
            }
            if let sentence { logger.warning("source \"\(input.source)\": \(place): \(sentence); trying again") }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    private static var patience: Duration { .seconds(2) }

    private var place: String { input.transport.description }

    private func read(_ bytes: Bytes, _ progress: Locked<Progress>) async -> InputFault? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<InputFault?, Never>) in
                // `read` blocks: use a thread of its own, never one of the cooperative pool.
                let isStarted = startThread(named: input.transport.name) {
                    continuation.resume(returning: bytes.read { handle($0, progress) })
                }
                if !isStarted { continuation.resume(returning: InputFault("\(ThreadShortage())")) }
            }
        } onCancel: {
            bytes.end()
        }
    }

    private func handle(_ event: ByteEvent, _ progress: Locked<Progress>) {
        switch event {
        case .opened(let sentence):
            let isNews = progress.withLock { progress in
                if needsBytes, progress.report.failures > 0 {
                    progress.sentence = sentence
                    return false
                }
                _ = progress.report.succeeded()
                defer { progress.isAnnounced = true }
                return !progress.isAnnounced
            }
            if isNews { logger.info("source \"\(input.source)\": \(sentence)") }
        case .message(let payload, let received):
            if needsBytes { proved(progress) }
            if input.isStream { waitForRoom() }
            queue.append(payload, topic: input.topic, received: received)
        case .remark(let sentence): logger.warning("source \"\(input.source)\": \(place): \(sentence)")
        }
    }

    /// Waits while the queue is full. A stream can wait a moment in the kernel, and nothing is lost. Not for longer, or
    /// the kernel would lose bytes unnoticed.
    private func waitForRoom() {
        let limit = ContinuousClock.now + Self.patience
        while !queue.hasRoom(for: input.topic), ContinuousClock.now < limit { usleep(2000) }
    }

    /// Notes that bytes arrived, and logs the source as open.
    private func proved(_ progress: Locked<Progress>) {
        let sentence = progress.withLock { progress in
            _ = progress.report.succeeded()
            defer { progress.sentence = nil }
            guard progress.sentence != nil, !progress.isAnnounced else { return String?.none }
            progress.isAnnounced = true
            return progress.sentence
        }
        if let sentence { logger.info("source \"\(input.source)\": \(sentence)") }
    }
}
