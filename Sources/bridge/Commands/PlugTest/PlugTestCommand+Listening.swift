// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import MQTT
import Machine
import PlugTest

extension PlugTestCommand {
    /// The recording is at its limit.
    private struct Full: Error {}

    /// Records what comes from the broker, and by HTTP, UDP, TCP and serial ports.
    func heard(_ configuration: Configuration) throws -> Data {
        let span = Duration(TimeSpan(span) ?? .zero)
        // With --anonymise, only the replaced messages may reach the disk.
        let file = try anonymise ? nil : record.map { try TrafficFile($0, replaces: force) }
        var bytes = Data()
        var preview = PlugTestRun(configuration.plugTestSetup)
        var progress = PlugTestProgress(span: span, isTerminal: Terminal.isTerminal(STDERR_FILENO))
        defer { progress.end() }
        func note(_ message: RawMessage) throws {
            let line = RecordedTraffic.line(message)
            guard bytes.count + line.count <= RecordedTraffic.limit else { throw Full() }
            bytes.append(contentsOf: line)
            try file?.append(message)
            preview.take(message)
        }
        let listener = TrafficListener(
            broker: configuration.input.settings, filters: configuration.subscriptions, inputs: configuration.inputs,
            clientIDPrefix: "obis-bridge-plugtest", interruption: Interruption(), logger: configuration.log.logger)
        do {
            try configuration.reachingBroker {
                try listener.listen(for: span) {
                    let address = configuration.input.settings.address
                    StandardError.line(
                        "Listening on \(address) for \(TimeSpan(span).wholeSeconds.text), Ctrl-C to end ...")
                    try note(RawMessage(topic: RecordedTraffic.beginning, payload: [], received: SystemClock.now))
                } take: { message in
                    if let message { try note(message) }
                    progress.show(preview, at: SystemClock.now)
                }
            }
            try note(RawMessage(topic: RecordedTraffic.end, payload: [], received: SystemClock.now))
        } catch is Full {
            StandardError.line("\(RecordedTraffic.limit >> 20) MiB were recorded, and no more: judging what there is")
        }
        return bytes
    }
}
