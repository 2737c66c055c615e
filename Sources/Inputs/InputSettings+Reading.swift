// SPDX-License-Identifier: Apache-2.0
package import Logging

extension InputSettings {
    /// Polls or listens until its task is cancelled, and adds what arrives to the queue.
    package func read(into queue: InputQueue, _ logger: Logger) async {
        switch transport {
        case .http(let settings): await HTTPInput(settings, topic: topic, source: source, queue, logger).run()
        case .udp(let settings):
            await ByteInput(input: self, queue: queue, logger: logger) { UDPPort(settings) }.run()
        case .tcp(let settings):
            await ByteInput(input: self, queue: queue, logger: logger, needsBytes: true) { TCPStream(settings) }.run()
        case .serial(let settings):
            // A serial device is usually plugged in again soon, and an attempt costs nothing.
            await ByteInput(input: self, queue: queue, logger: logger, longestPause: .seconds(5)) {
                SerialPort(settings)
            }.run()
        }
    }
}
