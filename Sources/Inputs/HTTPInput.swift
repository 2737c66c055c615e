// SPDX-License-Identifier: Apache-2.0
import Logging

/// Requests a URL at a fixed interval and adds each answer to the pipeline's queue.
struct HTTPInput {
    private let settings: HTTPSettings
    private let topic: String
    private let source: String
    private let queue: InputQueue
    private let logger: Logger

    init(_ settings: HTTPSettings, topic: String, source: String, _ queue: InputQueue, _ logger: Logger) {
        self.settings = settings
        self.topic = topic
        self.source = source
        self.queue = queue
        self.logger = logger
    }

    /// Runs until its task is cancelled.
    func run() async {
        let fetcher = HTTPFetcher(settings)
        defer { fetcher.close() }
        var report = OutageReport()
        var next = ContinuousClock.now
        while !Task.isCancelled {
            let result = await fetcher.fetch()
            switch result {
            case .success(let body):
                if let failures = report.succeeded() {
                    logger.info("source \"\(source)\": \(settings.place) answers again after \(failures) failures")
                }
                queue.append(body, topic: topic)
            case .failure(.cancelled) where Task.isCancelled: return
            case .failure(let fault):
                if let sentence = report.failed("\(fault)", at: .now) {
                    logger.warning("source \"\(source)\": \(settings.place): \(sentence); trying again")
                }
            }
            // A missed request is skipped: requests never pile up at a slow reader.
            let pause = report.pause(settings.interval)
            next = max(next + pause, .now)
            do { try await Task.sleep(until: next) } catch { return }
        }
    }
}
