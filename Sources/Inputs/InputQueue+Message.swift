// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
import Machine

extension InputQueue.Entry {
    /// The message, with its time of arrival as wall-clock time.
    package var message: RawMessage {
        RawMessage(topic: topic, payload: payload, received: SystemClock.at(received))
    }
}
