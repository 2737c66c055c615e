// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT

/// `check --connect`: whether the broker lets the bridge in, take and give, and what comes for each source.
///
/// It connects with a random client id and a clean session, so that a running bridge keeps its own, and publishes nothing but a
/// probe below its own `bridge/` topic.
struct ConnectionCheck {
    private let configuration: Configuration
    private let interruption: Interruption

    init(_ configuration: Configuration, interruption: Interruption) {
        self.configuration = configuration
        self.interruption = interruption
    }

    /// Where the probe goes: below the topic that no other bridge may write.
    static func probeTopic(_ configuration: Configuration) -> String {
        "\(configuration.profile.topics.root)/bridge/\(configuration.bridge)/probe"
    }

    /// Connects, probes, and listens for `span` or until Ctrl-C.
    ///
    /// - Throws: when a broker cannot be reached or lets nobody in; what is only forbidden stands in the report.
    func run(for span: Duration) throws(MQTTError) -> ConnectionReport {
        var report = ConnectionReport(configuration, span: span)
        let input = OneShotClient(broker: configuration.input.settings, clientIDPrefix: "obis-bridge-check")
        try input.connect()
        defer { input.close() }
        report.connected("input", configuration.input.settings, version: input.version)
        // What comes while the probe is made counts as well.
        for filter in configuration.subscriptions {
            do throws(MQTTError) {
                try input.subscribe([filter])
            } catch {
                guard case .subscriptionRefused = error else { throw error }
                report.fault("\(error)")
            }
        }
        try probe(&report)
        for input in configuration.inputs { ask(input, &report) }
        StandardError.line("Listening for \(span.components.seconds) s ...")
        try listen(input, until: .now + span, &report)
        return report
    }

    // MARK: - HTTP

    /// Asks a source by HTTP once.
    private func ask(_ input: InputSettings, _ report: inout ConnectionReport) {
        guard case .http(let settings) = input.transport else { return }
        let answer = Locked<Result<[UInt8], HTTPFault>>(.failure(.cancelled))
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            let fetcher = HTTPFetcher(settings)
            let result = await fetcher.fetch()
            fetcher.close()
            answer.withLock { $0 = result }
            isDone.signal()
        }
        isDone.wait()
        switch answer.withLock({ $0 }) {
        case .success(let body): report.hear(RawMessage(topic: input.topic, payload: body, received: SystemClock.now))
        case .failure(let fault): report.fault("source \(input.source): \(settings.place): \(fault)")
        }
    }

    // MARK: - Output

    private func probe(_ report: inout ConnectionReport) throws(MQTTError) {
        let settings = configuration.output.settings
        let output = OneShotClient(broker: settings, clientIDPrefix: "obis-bridge-check")
        try output.connect()
        defer { output.close() }
        report.connected("output", settings, version: output.version)
        let topic = Self.probeTopic(configuration)
        let token = String(UInt64.random(in: .min ... .max), radix: 36)
        do throws(MQTTError) {
            try output.subscribe([TopicFilter(topic, qos: .atLeastOnce)])
            try output.publish(MQTTMessage(topic: topic, text: token, qos: .atLeastOnce, isRetained: false))
        } catch {
            switch error {
            case .publicationRefused, .subscriptionRefused: return report.fault("\(error)")
            default: throw error
            }
        }
        // With MQTT 3.1.1 a broker acknowledges what it forbids, and on both versions it keeps what may not be read to itself:
        // only what comes back was let through.
        let deadline = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < deadline {
            guard let message = try output.receive(timeout: deadline - .now) else { break }
            if message.payload.elementsEqual(token.utf8) { return report.probed(topic) }
        }
        let what =
            output.version == .v311
            ? "writing or reading there is forbidden; MQTT 5 would say which"
            : "the broker took it, so reading there is forbidden: after a restart the bridge would not know its meters"
        report.fault("the probe on \(topic) did not come back: \(what)")
    }

    // MARK: - Input

    private func listen(
        _ input: OneShotClient, until end: ContinuousClock.Instant, _ report: inout ConnectionReport
    ) throws(MQTTError) {
        while !interruption.isRequested, ContinuousClock.now < end {
            guard let message = try input.receive(timeout: min(end - .now, .milliseconds(200))) else {
                report.advance(to: SystemClock.now)
                continue
            }
            report.hear(
                RawMessage(
                    topic: message.topic, payload: message.payload, isRetained: message.isRetained,
                    received: SystemClock.now))
        }
        report.finish(at: SystemClock.now)
    }
}
