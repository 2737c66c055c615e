// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension InputQueue.Entry {
    /// The message, with the time of its arrival on the clock on the wall.
    var message: RawMessage {
        let age = (ContinuousClock.now - received).components
        let milliseconds = age.seconds * 1000 + age.attoseconds / 1_000_000_000_000_000
        return RawMessage(
            topic: topic, payload: payload, received: SystemClock.now.adding(milliseconds: -milliseconds))
    }
}
