// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging
import MQTT
import Machine

/// Reads a source of bytes on a thread of its own, opens it again whenever it fails, and hands each message to the pipeline's
/// queue.
struct ByteInput<Bytes: ByteSource>: Sendable {
    let input: InputSettings
    let queue: InputQueue
    let logger: Logger
    /// The longest pause between two attempts.
    var longestPause = Duration.seconds(60)
    /// True where being open proves nothing: a server may accept and close.
    var needsBytes = false
    /// Makes what is opened next.
    let make: @Sendable () -> Bytes

    private struct Progress {
        var report = OutageReport()
        /// True when the log says that it is open.
        var isAnnounced = false
        /// What the log will say when bytes come.
        var sentence: String?
    }

    /// Runs until its task is cancelled. What is not there yet, or goes away, is waited for.
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
                // It blocks: a thread of its own, never one of the cooperative pool.
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

    /// A stream can wait a moment, in the kernel: what is read as fast as it is handled is not lost. Not for longer, or the kernel
    /// would lose bytes of it unseen.
    private func waitForRoom() {
        let limit = ContinuousClock.now + Self.patience
        while !queue.hasRoom(for: input.topic), ContinuousClock.now < limit { usleep(2000) }
    }

    /// Bytes came.
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
