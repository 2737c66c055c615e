// SPDX-License-Identifier: Apache-2.0

/// When a register's value arrived, and how often it arrives.
struct Pace: Sendable, Equatable {
    /// When the newest value arrived.
    var received: Timestamp
    /// The usual time between two values; nil until the second.
    var interval: TimeSpan?
    /// True when the newest value had waited on its way: the time since then tells nothing about the interval.
    var isDelayed = false
}

extension RegisterState {
    var pace: Pace { Pace(received: received, interval: interval, isDelayed: isPaused) }
}

extension MeterState {
    /// The pace of the registers that arrived with the newest reading, taken from the first of them.
    func pace(_ received: Timestamp) -> Pace {
        registers.first { $0.received == received }?.pace ?? Pace(received: received)
    }
}
