// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
import Machine

extension InputQueue.Entry {
    /// The message, with the time of its arrival on the clock on the wall.
    package var message: RawMessage {
        RawMessage(topic: topic, payload: payload, received: SystemClock.at(received))
    }
}
