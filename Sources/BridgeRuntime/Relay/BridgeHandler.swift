// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation
package import Harmonizer
import History
package import Inputs
import Logging
import MQTT
import Machine
import Page

/// Connects the relay with the pipeline: MQTT messages in, MQTT messages out, diagnostics to the log.
package struct BridgeHandler: RelayHandler {
    /// The services around the pipeline, each nil where it is not used (`demo`).
    package struct Surroundings: Sendable {
        package var manager: ServiceManager?
        package var inbox: ConfigurationInbox?
        package var guardian: CrashGuard?
        /// Why there is no crash guard although one is needed.
        package var crashGuardProblem: String?
        /// The log whose settings a reload replaces.
        package var log: Log?
        /// Messages received by HTTP, UDP, TCP and serial ports.
        package var inputs = InputQueue()
        /// The inputs besides the broker.
        package var roster: InputRoster?
        /// The HTTP server's access to the loop; nil without a server.
        package var access: LoopAccess?
        /// Writes the history.
        package var history: HistoryKeeper?
        /// Writes readings to an InfluxDB.
        package var influx: InfluxWriter?
        /// True to end the process when another one runs for the same bridge, instead of waiting for the other's end.
        package var endsWhenAnotherRuns = false
        /// Shows readings beside their raw messages.
        package var observer: (@Sendable (RawMessage?, [Publication]) -> Void)?

        package init(
            manager: ServiceManager? = nil, inbox: ConfigurationInbox? = nil, guardian: CrashGuard? = nil,
            crashGuardProblem: String? = nil, log: Log? = nil, inputs: InputQueue = InputQueue(),
            roster: InputRoster? = nil, access: LoopAccess? = nil, history: HistoryKeeper? = nil,
            influx: InfluxWriter? = nil, endsWhenAnotherRuns: Bool = false,
            observer: (@Sendable (RawMessage?, [Publication]) -> Void)? = nil
        ) {
            self.manager = manager
            self.inbox = inbox
            self.guardian = guardian
            self.crashGuardProblem = crashGuardProblem
            self.log = log
            self.inputs = inputs
            self.roster = roster
            self.access = access
            self.history = history
            self.influx = influx
            self.endsWhenAnotherRuns = endsWhenAnotherRuns
            self.observer = observer
        }

        /// True when the history or the InfluxDB keeps readings.
        var wantsReadings: Bool { history?.isOn ?? false || influx?.isOn ?? false }

        /// Passes readings to the history and the InfluxDB.
        func keep(_ readings: [Reading]) {
            for reading in readings {
                let kept = HistoryReading(reading)
                history?.take(kept)
                influx?.take(kept)
            }
        }
    }

    private var configuration: Configuration
    private var pipeline: Pipeline
    private var health = HealthReport()
    private let logger: Logger
    private var surroundings: Surroundings
    private var report: ServiceReport
    private var links = LinkState()
    private var watch: SourceWatch
    private var outages = OutageLog()
    /// When the configuration in force was applied.
    private var configured = SystemClock.now
    /// Why the files on disk differ from the configuration in force; nil when they do not.
    private(set) var configurationProblem: String?
    /// The retained `info` of an earlier process of this bridge.
    private var former: BridgeInfo.Former?
    /// Topics whose retained messages the broker sent back.
    private var restoredTopics: Set<String> = []
    /// The meters that the bridge's retained message names.
    private var announcedMeters: [String] = []
    /// The name of this process in its answers.
    private let process: String
    /// Meters whose retained messages have to be published again.
    private var forgotten: Range<Int>?
    /// The page's memory besides the pipeline's values; empty without an HTTP server.
    private var live = LiveModel()
    /// The topic for rejected messages; nil for none.
    private var rejectTopic: String?

    init(_ configuration: Configuration, logger: Logger, surroundings: Surroundings = Surroundings()) {
        self.configuration = configuration
        pipeline = Pipeline(configuration.runSettings)
        pipeline.tellsNews = true
        pipeline.publishesUnsettled = false
        watch = SourceWatch(configuration, at: SystemClock.now)
        self.logger = logger
        self.surroundings = surroundings
        report = ServiceReport(surroundings.manager)
        process = "\(configuration.input.clientID) \(ProcessWord.mine)"
        pipeline.keepsReadingAges = isMeasured
        pipeline.keepsMergedReadings = surroundings.wantsReadings
        pipeline.keepsReadings = isMeasured
        rejectTopic = Self.rejectTopic(configuration)
    }

    private static func rejectTopic(_ configuration: Configuration) -> String? {
        let rule = configuration.profile.topics.reject
        return rule.isEnabled ? rule.topic(["bridge": configuration.bridge]) : nil
    }

    /// True when an HTTP server is configured, which serves the metrics.
    private var isMeasured: Bool { surroundings.access != nil && configuration.http != nil }

    mutating func handle(_ message: MQTTMessage) -> [MQTTMessage] {
        let raw = RawMessage(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained, received: SystemClock.now)
        guard message.omitted == 0 else {
            let (size, limit) = (message.payload.count + message.omitted, configuration.limits.payload)
            return emit(pipeline.refuse(raw, Rejection(.tooLarge, "\(size) bytes, more than \(limit)")), because: raw)
        }
        return handle(raw)
    }

    private mutating func handle(_ raw: RawMessage) -> [MQTTMessage] {
        if let guardian = surroundings.guardian, !guardian.mayHandle(raw) { return giveUp(raw) }
        defer { surroundings.guardian?.handled(raw, isComplete: !pipeline.hasOpenGroups) }
        if isMeasured {
            live.note(raw, sources: pipeline.settings.sources.count) { pipeline.source(of: $0) }
            surroundings.access?.tap.note(raw)
        }
        let messages = emit(pipeline.handle(raw), because: raw)
        if let sentence = watch.note(raw, pipeline: pipeline) { logger.warning("\(Terminal.escaped(sentence))") }
        return messages
    }

    private mutating func giveUp(_ raw: RawMessage) -> [MQTTMessage] {
        let times = CrashGuard.limit
        logger.error(
            "a message on \(Terminal.escaped(raw.topic)) ended the bridge \(times) times: it is published to reject and not handled"
        )
        let rejection = Rejection(.crash, "the bridge ended \(times) times in a row while handling it")
        return emit(pipeline.refuse(raw, rejection), because: raw)
    }

    /// Handles the messages of the other inputs. The relay calls `advance` only while the outputs keep up, so that
    /// messages wait in the bounded queue.
    private mutating func handleInputs() -> [MQTTMessage] {
        let batch = surroundings.inputs.take(limit: 16)
        for (topic, count) in batch.dropped.sorted(by: { $0.key < $1.key }) {
            logger.warning("\(topic): \(count) messages were dropped while the outputs were away or too slow")
        }
        var messages: [MQTTMessage] = []
        for entry in batch.entries {
            // The crash guard covers these messages too: a broker does not resend them, but a polled or broadcasting
            // reader may.
            messages += handle(entry.message)
        }
        return messages
    }

    mutating func advance() -> [MQTTMessage] {
        let inputs = handleInputs()
        // Not beyond the oldest waiting message, which may complete an open group.
        let moment = surroundings.inputs.oldest.map { SystemClock.at($0) } ?? SystemClock.now
        let due = withOpenMessages { $0.advance(to: moment) }
        let health = health.publication(
            of: pipeline, configurationProblem: configurationProblem,
            crashGuardProblem: surroundings.crashGuardProblem, historyProblem: surroundings.history?.problem,
            dropped: surroundings.inputs.droppedInAll,
            logLinesLost: surroundings.log?.linesLost ?? 0)
        return inputs + emit(due + [health].compactMap(\.self)) + carryOut() + republish() + announceMeters()
    }

    mutating func flush() -> [MQTTMessage] { emit(withOpenMessages { $0.flush(at: SystemClock.now) }) }

    private mutating func withOpenMessages(_ body: (inout Pipeline) -> [Publication]) -> [Publication] {
        guard let guardian = surroundings.guardian, pipeline.hasOpenGroups else { return body(&pipeline) }
        guardian.resume()
        defer { guardian.pause() }
        return body(&pipeline)
    }

    var timeUntilDeadline: Duration? {
        if forgotten != nil { return .zero }
        return pipeline.nextDeadline.map { Duration(max(.zero, $0 - SystemClock.now)) }
    }

    var hasOpenGroups: Bool { pipeline.hasOpenGroups }

    mutating func restore(_ message: MQTTMessage) {
        let topics = configuration.profile.topics
        if message.topic == topics.bridgeInfo.topic(["bridge": configuration.bridge]) {
            former = BridgeInfo.former(message.payload)
            return
        }
        restoredTopics.insert(message.topic)
        let raw = RawMessage(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained, received: SystemClock.now)
        if !pipeline.restore(raw) { logger.debug("not restored", metadata: ["topic": "\(message.topic)"]) }
    }

    mutating func restored(isComplete: Bool) -> [MQTTMessage] {
        defer { restoredTopics = [] }
        return emit(pipeline.finishRestoring())
    }

    var formerSubscriptions: [String] { former?.subscriptions(for: configuration.input) ?? [] }

    /// The client id of an earlier version: before version 0.2 the default client id was the same for every bridge.
    var formerClientID: String? {
        guard !configuration.input.hasOwnClientID, let former, former.subscriptions?.isEmpty == false else {
            return nil
        }
        let partition = configuration.partition
        return former.clientID ?? (partition == .whole ? "obis-bridge-in" : "obis-bridge-\(partition.index)-in")
    }

    var unrestoredTopics: [String] {
        (former?.meters ?? []).flatMap { Pipeline.baselineTopics(configuration.profile.topics, meter: $0) }
            .filter { !restoredTopics.contains($0) }
    }

    mutating func greeting(_ birth: [MQTTMessage]) -> [MQTTMessage] {
        let topic = infoTopic
        announcedMeters = pipeline.knownMeters
        return birth.map { $0.topic == topic ? info : $0 }
    }

    private var infoTopic: String { configuration.profile.topics.bridgeInfo.topic(["bridge": configuration.bridge]) }

    private var info: MQTTMessage {
        MQTTMessage(
            topic: infoTopic, payload: BridgeInfo(configuration, meters: announcedMeters).payload, qos: .atLeastOnce,
            isRetained: true)
    }

    /// The new `info` when the known meters changed since the last one.
    private mutating func announceMeters() -> [MQTTMessage] {
        guard configuration.profile.topics.bridgeInfo.isEnabled else { return [] }
        let known = pipeline.knownMeters
        guard known != announcedMeters else { return [] }
        announcedMeters = known
        return [info]
    }

    /// Publishes as a dead letter a message that the output broker refuses.
    mutating func undeliverable(_ message: MQTTMessage, reason: String) -> [MQTTMessage] {
        let raw = RawMessage(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained, received: SystemClock.now)
        return emit(pipeline.refuse(raw, Rejection(.undeliverable, "the output broker does not take it: \(reason)")))
    }

    /// Publishes an unreadable message unchanged as a dead letter.
    mutating func unreadable(topic: [UInt8], payload: [UInt8]) -> [MQTTMessage] {
        let raw = RawMessage(
            topic: String(decoding: topic, as: UTF8.self), payload: payload, isRetained: false,
            received: SystemClock.now)
        return emit(
            pipeline.refuse(
                raw, Rejection(.malformed, "its topic or a property has characters that MQTT does not allow")))
    }

    mutating func command(_ message: MQTTMessage) -> [MQTTMessage] {
        if let command = try? Command(message.payload), command.name == .identify { return [identity(command)] }
        logger.notice("command received", metadata: ["command": "\(String(message.text.prefix(200)))"])
        let more = forgetElsewhere(message.payload)
        return emit(pipeline.command(message.payload, at: SystemClock.now, more: more))
    }

    /// The answer that identifies this process, for a bridge that starts with the same name.
    private func identity(_ command: Command) -> MQTTMessage {
        let rule = configuration.profile.topics.answer
        let line = "obis-bridge \(Program.version), process \(getpid()) on \(ProcessWord.host)"
        return MQTTMessage(
            topic: rule.topic(["bridge": configuration.bridge]),
            payload: Answer(request: command.request, isDone: true, lines: [line], process: process).payload,
            qos: rule.qos == 0 ? .atMostOnce : .atLeastOnce)
    }

    mutating func completedPass(_ status: RelayStatus) {
        let now = ContinuousClock.now
        report.passed(at: now)
        guard let access = surroundings.access else { return }
        links.status = status
        for age in pipeline.takeReadingAges() { access.metrics.note(readingAge: age) }
        let questions = access.queries.passed(at: now)
        guard !questions.isEmpty else { return }
        let view = LoopView(
            pipeline: pipeline, links: links, configured: configured, logLinesLost: surroundings.log?.linesLost ?? 0,
            configurationProblem: configurationProblem, configuration: configuration, live: live)
        for question in questions { question(view) }
    }

    mutating func acknowledged(after latency: Duration) {
        if isMeasured { surroundings.access?.metrics.note(acknowledgement: latency) }
    }

    mutating func notice(_ event: RelayEvent) {
        report.note(event)
        links.note(event)
        if case .retainedLost = event { forgotten = 0..<pipeline.meterCount }
        if case .connected(.input, _, let isResumed) = event {
            pipeline.connected(at: SystemClock.now, isResumed: isResumed)
        }
        var text = "\(event)"
        if case .refused(let side, .notAuthorised) = event {
            text += ": \((side == .input ? configuration.input : configuration.output).advice)"
        }
        guard let line = outages.line(event, text) else { return logger.debug("\(text)") }
        if event.isProblem { logger.warning("\(line)") } else { logger.info("\(line)") }
    }

    private mutating func emit(_ publications: [Publication], because raw: RawMessage? = nil) -> [MQTTMessage] {
        for diagnostic in pipeline.takeDiagnostics() {
            logger.log(level: diagnostic.level == .warning ? .warning : .info, "\(diagnostic)")
        }
        surroundings.keep(pipeline.takeMergedReadings())
        if isMeasured { note(publications, because: raw) }
        surroundings.observer?(raw, publications)
        return publications.map(MQTTMessage.init)
    }
}

// MARK: The page

extension BridgeHandler {
    private mutating func note(_ publications: [Publication], because raw: RawMessage?) {
        let readings = pipeline.takeReadings()
        for reading in readings { live.note(reading) }
        guard !publications.isEmpty, readings.isEmpty || raw == nil else { return }
        live.noteChange()
        guard let rejectTopic else { return }
        for publication in publications where publication.topic == rejectTopic {
            live.note(reject: publication.payload)
        }
    }

    /// Executes the commands from the page as if they had come by MQTT.
    private mutating func carryOut() -> [MQTTMessage] {
        guard let access = surroundings.access else { return [] }
        var messages: [MQTTMessage] = []
        for order in access.orders.take() {
            logger.notice(
                "command received on the page",
                metadata: ["command": "\(String(decoding: order.payload, as: UTF8.self))"])
            let more = forgetElsewhere(order.payload)
            var publications = pipeline.command(order.payload, at: SystemClock.now, more: more)
            let answer = publications.last.flatMap { Answer($0.payload) }
            if !configuration.profile.topics.answer.isEnabled { publications = publications.dropLast() }
            messages += emit(publications)
            order.answer(answer)
        }
        return messages
    }
}

// MARK: Forgetting

extension BridgeHandler {
    /// For a command that forgets a meter: deletes everything of the meter outside the pipeline, even when the pipeline
    /// does not know the meter. Runs before the pipeline forgets the meter, because the pipeline still knows the
    /// meter's topics.
    ///
    /// - Returns: the sentences of the answer.
    private mutating func forgetElsewhere(_ payload: [UInt8]) -> [String] {
        guard let command = try? Command(payload), command.name == .forget else { return [] }
        let (before, meter) = (pipeline, command.meter)
        let isGone: @Sendable (String) -> Bool = { before.isTopic($0, ofMeter: meter) }
        var lines: [String] = []
        if let history = surroundings.history, let path = history.path {
            history.forget(meter)
            lines.append("its history is being deleted from \(path); the log says when that is done")
        }
        let ended = surroundings.guardian?.forget(where: isGone) ?? 0
        if ended > 0 { lines.append("\(Count.text(ended, "message")) of its readers that ended the bridge: deleted") }
        if isMeasured {
            let ids = Set([meter, MeterID.level(given: meter)])
            let shown = ids.reduce(0) { $0 + live.forget($1, where: isGone) }
            surroundings.access?.forget(ids, isGone)
            if shown > 0 {
                let messages = Count.text(shown, "message")
                lines.append("\(messages) kept for the page: deleted, and what a plug-test recorded of it")
            }
        }
        guard !lines.isEmpty else { return [] }
        return lines + ["recordings, exports and backups are files of yours: delete them by hand"]
    }
}

// MARK: Reloading

extension BridgeHandler {
    mutating func reload() -> RelayReload? {
        defer { report.reloaded() }
        switch surroundings.inbox?.take() {
        case nil: return nil
        case .mistakes(let text)?:
            configurationProblem = text
            return nil
        case .configuration(let new)?:
            configurationProblem = nil
            let changes = new.changes(since: configuration)
            configuration = new
            let publications = pipeline.reload(new.runSettings, at: SystemClock.now)
            // After the pipeline, so that the first message of a new input finds its source.
            surroundings.roster?.replace(with: new.inputs)
            surroundings.access?.roster.replace(with: new.http)
            pipeline.keepsReadingAges = isMeasured
            surroundings.history?.follow(new)
            surroundings.influx?.follow(new)
            pipeline.keepsMergedReadings = surroundings.wantsReadings
            pipeline.keepsReadings = isMeasured
            live.follow(sources: new.sources.map(\.name))
            rejectTopic = Self.rejectTopic(new)
            configured = SystemClock.now
            links.reloaded(new.subscriptions.map(\.filter))
            surroundings.log?.replace(with: new.log)
            watch = SourceWatch(new, at: SystemClock.now)
            logger.info("configuration reloaded: \(Terminal.escaped(changes))")
            return RelayReload(
                settings: BridgeService.relaySettings(new, surroundings), publications: emit(publications))
        }
    }

    /// Publishes the retained messages of some meters again. A broker that lost thousands of them gets them as fast as
    /// it takes them, without growing memory.
    private mutating func republish() -> [MQTTMessage] {
        guard let meters = forgotten else { return [] }
        var messages: [MQTTMessage] = []
        var next = meters.lowerBound
        while next < meters.upperBound, messages.count < 100 {
            messages += pipeline.retained(ofMeter: next).map(MQTTMessage.init)
            next += 1
        }
        forgotten = next < meters.upperBound ? next..<meters.upperBound : nil
        return messages
    }
}

extension MQTTMessage {
    /// The message of a publication of the pipeline.
    init(_ publication: Publication) {
        self.init(
            topic: publication.topic, payload: publication.payload,
            qos: publication.qos == 0 ? .atMostOnce : .atLeastOnce, isRetained: publication.isRetained)
    }
}
