// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
import Foundation
import Harmonizer
import Inputs
package import MQTT
package import Machine

/// `check --connect`: tests the login, the subscriptions and publishing at the brokers, and reports what comes for each
/// source.
///
/// The check connects with a random client id and a clean session, so that a running bridge keeps its own, and
/// publishes only a probe below its own `bridge/` topic.
package struct ConnectionCheck {
    private let configuration: Configuration
    private let interruption: Interruption
    /// Prints progress.
    var say: (String) -> Void = { StandardError.line($0) }

    package init(_ configuration: Configuration, interruption: Interruption) {
        self.configuration = configuration
        self.interruption = interruption
    }

    /// The topic of the probe, below the bridge's own topic, which no other bridge may write.
    static func probeTopic(_ configuration: Configuration) -> String {
        // The topic has a dot, which some brokers change.
        "\(configuration.profile.topics.root)/bridge/\(configuration.bridge)/probe/1.0"
    }

    /// Connects, probes, and listens for `span` or until Ctrl-C.
    ///
    /// - Throws: when a broker cannot be reached or refuses the login; the report contains what is only forbidden.
    package func run(for span: Duration) throws(MQTTError) -> ConnectionReport {
        var report = ConnectionReport(configuration, span: span)
        let input = OneShotClient(broker: configuration.input.settings, clientIDPrefix: "obis-bridge-check")
        try input.connect()
        defer { input.close() }
        report.connected("input", configuration.input.settings, version: input.version)
        // Messages that arrive during the probe count as well.
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
        say("Listening for \(span.components.seconds) s ...")
        let queue = InputQueue()
        let logger = configuration.log.logger
        let streams = configuration.inputs.filter(\.isStream)
        let tasks = streams.map { stream in Task.detached { await stream.read(into: queue, logger) } }
        defer { for task in tasks { task.cancel() } }
        try listen(input, and: queue, until: .now + span, &report)
        return report
    }

    // MARK: - HTTP

    /// Polls a source by HTTP once.
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
        // With MQTT 3.1.1 a broker acknowledges a forbidden publication, and with both versions it silently withholds
        // topics that may not be read: only a probe that comes back proves both rights.
        let deadline = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < deadline {
            guard let message = try output.receive(timeout: deadline - .now) else { break }
            guard message.payload.elementsEqual(token.utf8) else { continue }
            report.probed(topic)
            if message.topic != topic {
                report.remark(
                    "the broker changes topics: \(topic) came back as \(message.topic). Consumers do not find topics with a dot, "
                        + "such as obis/1-0:1.8.0 (docs/brokers.md)")
            }
            do throws(MQTTError) {
                try probeRetained(output, topic, &report)
            } catch .publicationRefused, .subscriptionRefused {
                report.fault("a retained message on \(topic), or a filter with a wildcard for it, is refused")
            }
            return
        }
        let what =
            output.version == .v311
            ? "writing or reading there is forbidden; MQTT 5 would say which"
            : "the broker took it, so reading there is forbidden: after a restart the bridge would not know its meters"
        report.fault("the probe on \(topic) did not come back: \(what)")
    }

    /// Tests whether the broker sends retained messages for a filter with a wildcard, as consumers and Home Assistant
    /// need it.
    private func probeRetained(
        _ output: OneShotClient, _ topic: String, _ report: inout ConnectionReport
    ) throws(MQTTError) {
        let token = String(UInt64.random(in: .min ... .max), radix: 36)
        try output.publish(MQTTMessage(topic: topic, text: token, isRetained: true))
        let filter = topic.split(separator: "/").dropLast().joined(separator: "/") + "/+"
        try output.subscribe([TopicFilter(filter)])
        let deadline = ContinuousClock.now + .seconds(2)
        var comes = false
        while !comes, let message = try output.receive(timeout: max(.zero, deadline - .now)) {
            comes = message.isRetained && message.payload.elementsEqual(token.utf8)
        }
        try output.publish(MQTTMessage(topic: topic, payload: [], isRetained: true))
        guard !comes else { return }
        report.remark(
            "the broker sends retained messages for exact topics only: consumers that subscribe with + or # get none of them, "
                + "Home Assistant's discovery among them (docs/brokers.md)")
    }

    // MARK: - Input

    private func listen(
        _ input: OneShotClient, and queue: InputQueue, until end: ContinuousClock.Instant,
        _ report: inout ConnectionReport
    ) throws(MQTTError) {
        while !interruption.isRequested, ContinuousClock.now < end {
            for entry in queue.take(limit: .max).entries { report.hear(entry.message) }
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
