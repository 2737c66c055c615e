// SPDX-License-Identifier: Apache-2.0
import Adapters
package import BridgeConfiguration
import Foundation
import Harmonizer
import Inputs
package import Logging
import MQTT
import Machine

/// `sources: auto`: adopts the readers of which `discover` is certain. The bridge's retained `info` keeps the adopted
/// sources, so that every start adopts the same; a reader that appears later, which may be a stranger's, is not adopted
/// until a person looks again.
package struct SourceAdopter {
    private let configuration: Configuration
    private let span: Duration
    private let logger: Logger

    /// - Parameter span: how long to listen before the readers are adopted.
    package init(_ configuration: Configuration, listening span: Duration, logger: Logger) {
        self.configuration = configuration
        self.span = span
        self.logger = logger
    }

    private struct Info: Decodable { let adopted: String? }

    /// The adopted `sources:` as YAML. Waits for the broker, and for the first certain reader.
    ///
    /// - Throws: when waiting cannot help, such as after a refused login.
    package func adopt() throws -> String {
        var outage = OutageReport()
        while true {
            do throws(MQTTError) {
                if let kept = try kept() {
                    tell(kept, "adopted before")
                    return kept
                }
                let found = try listen()
                tell(found, "adopted")
                return found
            } catch {
                if error.isConfigurationFault { throw error }
                if let sentence = outage.failed("\(error)", at: .now) { logger.warning("\(sentence); trying again") }
                Thread.sleep(forTimeInterval: 2)
            }
        }
    }

    /// The sources that an earlier start adopted; nil for none.
    private func kept() throws(MQTTError) -> String? {
        let topics = configuration.profile.topics
        guard topics.bridgeInfo.isEnabled else { return nil }
        let topic = topics.bridgeInfo.topic(["bridge": configuration.bridge])
        let client = OneShotClient(broker: configuration.output.settings, clientIDPrefix: "obis-bridge-adopt")
        try client.connect()
        defer { client.close() }
        try client.subscribe([TopicFilter(topic)])
        guard let message = try client.receive(timeout: .seconds(2)), message.topic == topic else { return nil }
        let info = try? JSONDecoder().decode(Info.self, from: Data(message.payload))
        return info?.adopted.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func listen() throws(MQTTError) -> String {
        let profile = configuration.profile
        var discovery = Discovery(placeholders: profile.placeholders)
        while true {
            var listener = DiscoveryListener(
                configuration.input.settings, outputRoot: profile.topics.root, asks: false,
                interruption: Interruption(isHeeded: false))
            listener.say = { logger.info("sources: auto: \($0)") }
            try listener.listen(to: &discovery, for: span, waiting: .zero)
            let certain = discovery.findings.filter { $0.verdict == .certain }
            if let yaml = DiscoveryYAML(certain, asks: false).text { return yaml }
            let doubtful = discovery.findings.map { $0.subscribe[0] }.prefix(5).joined(separator: ", ")
            logger.warning(
                "sources: auto: no certain reader found\(doubtful.isEmpty ? "" : ", but \(doubtful)"); still listening. obis-bridge discover shows more"
            )
        }
    }

    private func tell(_ yaml: String, _ word: String) {
        for line in yaml.split(separator: "\n").dropFirst() {
            logger.info("sources: auto: \(word) \(Terminal.escaped(line.trimmingCharacters(in: .whitespaces)))")
        }
        let file = configuration.file ?? "the configuration"
        logger.info("sources: auto: write these lines under \"sources:\" in \(file) to pin them")
    }
}
