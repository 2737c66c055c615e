// SPDX-License-Identifier: Apache-2.0
/// The input messages that are taken and not yet acknowledged.
struct InputBatch {
    private(set) var count = 0
    /// True during one burst of reading: results of its first messages do not end it.
    var isFilling = false
    private var age: ContinuousClock.Instant?
    /// When the first message of the batch arrived.
    private(set) var oldest: ContinuousClock.Instant?
    /// When the newest message of the batch arrived.
    private(set) var newest: ContinuousClock.Instant?

    var isEmpty: Bool { count == 0 }

    /// Counts a message; a QoS 0 message needs no acknowledgement and does not count.
    mutating func note(_ message: MQTTMessage) {
        guard message.qos == .atLeastOnce else { return }
        let now = ContinuousClock.now
        if age == nil { age = now }
        if oldest == nil { oldest = now }
        newest = now
        count += 1
    }

    /// When open groups must be flushed because the oldest message has waited long enough.
    func flushTime(_ settings: RelaySettings) -> ContinuousClock.Instant? { age.map { $0 + settings.groupTimeout } }

    /// The next flush is due after the same time again.
    mutating func wasFlushed(_ now: ContinuousClock.Instant) {
        if age != nil { age = now }
    }
}
