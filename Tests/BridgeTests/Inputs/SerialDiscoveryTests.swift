// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import BridgeRuntime
@testable import Inputs
@testable import Machine

/// `discover --serial` on made-up ports: what a line gives at each setting.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct SerialDiscoveryTests {
    /// A port on which a meter sends at one setting.
    private final class FakePort: ByteSource {
        private let events: [ByteEvent]
        private let isEnded = Monitor(false)

        init(_ events: [ByteEvent]) { self.events = events }

        func read(_ report: (ByteEvent) -> Void) -> InputFault? {
            for event in events { report(event) }
            _ = isEnded.wait(seconds: 60) { $0 }
            return nil
        }

        func end() { isEnded.withLock { $0 = true } }
    }

    private let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"

    private func search(
        _ events: @escaping (SerialSettings) -> [ByteEvent]
    ) throws(InputFault) -> (SerialDiscovery.Result, said: [String]) {
        let said = Monitor<[String]>([])
        var discovery = SerialDiscovery(
            device: "/dev/ttyUSB0", patience: .milliseconds(200), interruption: Interruption())
        discovery.say = { line in said.withLock { $0.append(line) } }
        discovery.open = { FakePort(events($0)) }
        return (try discovery.search(), said.value)
    }

    @Test func `the setting at which a telegram can be read is found`() throws {
        let (result, said) = try search { settings in
            guard "\(settings.baud) \(settings.format)" == "9600 7E1" else {
                return [.message([UInt8](repeating: 0xE0, count: 9000), received: .now)]
            }
            return [.message(Array(telegram.utf8), received: .now)]
        }
        #expect(
            result.yaml
                == "sources:\n  meter: {adapter: p1, serial: {device: /dev/ttyUSB0, baud: 9600, format: 7E1}}\n")
        #expect(said.first == "115200 Bd 8N1: 9000 bytes, and no telegram in them")
        #expect(said.last?.hasPrefix("9600 Bd 7E1: a telegram of the meter ") == true)
    }

    @Test func `a setting at which the line has errors is not taken, even if its text can be read`() throws {
        let (result, _) = try search { settings in
            let message = ByteEvent.message(Array(telegram.utf8), received: .now)
            return settings.format == SerialFormat() ? [.remark("a parity bit"), message] : [message]
        }
        #expect(result.settings.format.description == "8E1")
    }

    @Test func `a silent port and an unreadable one are told apart`() {
        #expect(throws: InputFault.self) { try search { _ in [] } }
        do { _ = try search { _ in [] } } catch {
            #expect(error.description.hasPrefix("nothing came in 0 s, at any speed"))
        }
        do { _ = try search { _ in [.message([UInt8](repeating: 1, count: 9000), received: .now)] } } catch {
            #expect(error.description.hasPrefix("bytes come, and no setting makes a telegram of them"))
        }
    }
}
