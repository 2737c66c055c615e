// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Logging
import MQTT

/// Lets the relay call the pipeline: MQTT messages in, MQTT messages out, diagnostics to the log.
struct BridgeHandler: RelayHandler {
    private var pipeline: Pipeline
    private var health = HealthReport()
    private let logger: Logger
    private let credentials: String
    /// Shows readings beside their raw messages (`demo`); nil in `run`.
    private let observer: (@Sendable (RawMessage?, [Publication]) -> Void)?
    private var report: ServiceReport

    init(
        pipeline: Pipeline, logger: Logger, credentials: String, report: ServiceReport = ServiceReport(nil),
        observer: (@Sendable (RawMessage?, [Publication]) -> Void)? = nil
    ) {
        self.pipeline = pipeline
        self.logger = logger
        self.credentials = credentials
        self.report = report
        self.observer = observer
    }

    mutating func handle(_ message: MQTTMessage) -> [MQTTMessage] {
        let raw = RawMessage(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained, received: SystemClock.now)
        return emit(pipeline.handle(raw), because: raw)
    }

    mutating func advance() -> [MQTTMessage] {
        emit(pipeline.advance(to: SystemClock.now) + [health.publication(of: pipeline)].compactMap(\.self))
    }

    mutating func flush() -> [MQTTMessage] { emit(pipeline.flush(at: SystemClock.now)) }

    var timeUntilDeadline: Duration? {
        pipeline.nextDeadline.map { .milliseconds(max(0, $0.milliseconds(since: SystemClock.now))) }
    }

    var hasOpenGroups: Bool { pipeline.hasOpenGroups }

    mutating func restore(_ message: MQTTMessage) {
        let raw = RawMessage(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained, received: SystemClock.now)
        if !pipeline.restore(raw) { logger.debug("not restored", metadata: ["topic": "\(message.topic)"]) }
    }

    mutating func restored(isComplete: Bool) -> [MQTTMessage] { [] }

    mutating func command(_ message: MQTTMessage) -> [MQTTMessage] {
        logger.notice("command received", metadata: ["command": "\(String(message.text.prefix(200)))"])
        return emit(pipeline.command(message.payload, at: SystemClock.now))
    }

    mutating func completedPass() { report.passed() }

    mutating func notice(_ event: RelayEvent) {
        report.note(event)
        var text = "\(event)"
        if case .refused(_, .notAuthorised) = event { text += ": check \(credentials)" }
        if event.isProblem { logger.warning("\(text)") } else { logger.info("\(text)") }
    }

    private mutating func emit(_ publications: [Publication], because raw: RawMessage? = nil) -> [MQTTMessage] {
        for diagnostic in pipeline.takeDiagnostics() {
            logger.log(level: diagnostic.level == .warning ? .warning : .info, "\(diagnostic)")
        }
        observer?(raw, publications)
        return publications.map {
            MQTTMessage(
                topic: $0.topic, payload: $0.payload, qos: $0.qos == 0 ? .atMostOnce : .atLeastOnce,
                isRetained: $0.isRetained)
        }
    }
}
