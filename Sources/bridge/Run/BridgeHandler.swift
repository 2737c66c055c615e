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
    /// What came by HTTP and UDP.
    private let inputs: InputQueue
    /// Shows readings beside their raw messages (`demo`); nil in `run`.
    private let observer: (@Sendable (RawMessage?, [Publication]) -> Void)?
    private var report: ServiceReport

    init(
        pipeline: Pipeline, logger: Logger, credentials: String, inputs: InputQueue = InputQueue(),
        report: ServiceReport = ServiceReport(nil),
        observer: (@Sendable (RawMessage?, [Publication]) -> Void)? = nil
    ) {
        self.pipeline = pipeline
        self.logger = logger
        self.credentials = credentials
        self.inputs = inputs
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
            + handleInputs()
    }

    /// The relay calls `advance` while the outputs keep up, so that what waits meanwhile waits in the bounded queue.
    private mutating func handleInputs() -> [MQTTMessage] {
        let batch = inputs.take(limit: 16)
        for (topic, count) in batch.dropped.sorted(by: { $0.key < $1.key }) {
            logger.warning("\(topic): \(count) messages were dropped while the outputs were away or too slow")
        }
        var messages: [MQTTMessage] = []
        for entry in batch.entries {
            let age = (ContinuousClock.now - entry.received).components
            let milliseconds = age.seconds * 1000 + age.attoseconds / 1_000_000_000_000_000
            let raw = RawMessage(
                topic: entry.topic, payload: entry.payload,
                received: SystemClock.now.adding(milliseconds: -milliseconds))
            messages += emit(pipeline.handle(raw), because: raw)
        }
        return messages
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
        if case .connected(.input, _, let isResumed) = event {
            pipeline.connected(at: SystemClock.now, isResumed: isResumed)
        }
        var text = "\(event)"
        if case .refused(_, .notAuthorised) = event { text += ": check \(credentials)" }
        if event.isProblem { logger.warning("\(text)") } else { logger.info("\(text)") }
    }

    private mutating func emit(_ publications: [Publication], because raw: RawMessage? = nil) -> [MQTTMessage] {
        for diagnostic in pipeline.takeDiagnostics() {
            logger.log(level: diagnostic.level == .warning ? .warning : .info, "\(diagnostic)")
        }
        observer?(raw, publications)
        return publications.map(MQTTMessage.init)
    }
}

extension MQTTMessage {
    /// A publication of the pipeline as a message.
    init(_ publication: Publication) {
        self.init(
            topic: publication.topic, payload: publication.payload,
            qos: publication.qos == 0 ? .atMostOnce : .atLeastOnce, isRetained: publication.isRetained)
    }
}
