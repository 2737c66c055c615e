// SPDX-License-Identifier: Apache-2.0
import Logging

extension InputSettings {
    /// Asks or listens until its task is cancelled, and hands over what comes.
    func read(into queue: InputQueue, _ logger: Logger) async {
        switch transport {
        case .http(let settings): await HTTPInput(settings, topic: topic, source: source, queue, logger).run()
        case .udp(let settings): await UDPInput(settings, topic: topic, source: source, queue, logger).run()
        }
    }
}
