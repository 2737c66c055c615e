// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension InputQueue.Entry {
    /// The message, with the time of its arrival on the clock on the wall.
    var message: RawMessage {
        RawMessage(topic: topic, payload: payload, received: SystemClock.at(received))
    }
}
