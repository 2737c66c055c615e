// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Logging
import MQTT
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime
@testable import Inputs

/// Messages of a line that waited for the relay: time does not go on before they are read.
@Suite struct WaitingInputTests {
    @Test func `a telegram whose rest waits is not given up`() throws {
        let loader = ConfigurationLoader(environment: [:])
        let configuration = try #require(
            loader.load(
                "bridge: t\nzone: UTC\nsources: {x: {adapter: p1, meter: x, serial: {device: /dev/x, baud: 115200}}}\n",
                file: "bridge.yaml"), "\(loader.problems.sorted)")
        let queue = InputQueue(capacity: 100)
        var surroundings = BridgeHandler.Surroundings()
        surroundings.inputs = queue
        var handler = BridgeHandler(
            configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, surroundings: surroundings)
        // A minute ago, in more pieces than one turn takes.
        let start = ContinuousClock.now - .seconds(60)
        let bytes = Array((P1Sample.lines.joined(separator: "\r\n") + "\r\n").utf8)
        let size = bytes.count / 50 + 1
        for (number, place) in stride(from: 0, to: bytes.count, by: size).enumerated() {
            queue.append(
                Array(bytes[place..<min(place + size, bytes.count)]), topic: "serial/x",
                received: start + .milliseconds(10 * number))
        }
        var topics: [String] = []
        for _ in 0..<10 { topics += handler.advance().map(\.topic) }
        #expect(topics.count { $0.hasSuffix("/reading") } == 1)
        #expect(topics.allSatisfy { !$0.hasSuffix("/reject") })
    }
}
