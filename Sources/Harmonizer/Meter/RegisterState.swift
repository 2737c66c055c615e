// SPDX-License-Identifier: Apache-2.0

/// The newest value of one register of one meter, and what was published of it.
struct RegisterState: Sendable {
    var value: RegisterValue
    /// When its value was true.
    var time: Timestamp
    /// When it arrived.
    var received: Timestamp
    /// The usual time between two values in milliseconds; nil until the second.
    var interval: Int64?
    /// True once the meter itself sent it: then it is never derived again.
    var isSentByMeter: Bool
    /// Its alias with the medium filled in; nil for none.
    var alias: String?
    /// Its topics, prepared once.
    var obisTopic: String
    var valueTopic: String?
    /// The value that the broker keeps, and since when.
    var published: (value: RegisterValue.Value, at: Timestamp)?

    /// Takes in a newer value.
    mutating func update(_ new: RegisterValue, time: Timestamp, received: Timestamp) {
        let elapsed = received.milliseconds(since: self.received)
        // A slow average: one late message does not make a register old.
        if elapsed > 0 { interval = interval.map { ($0 * 7 + elapsed) / 8 } ?? elapsed }
        value = new
        self.time = time
        self.received = received
        if !new.isDerived { isSentByMeter = true }
    }
}
