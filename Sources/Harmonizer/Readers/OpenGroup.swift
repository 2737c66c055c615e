// SPDX-License-Identifier: Apache-2.0

/// A telegram in several messages, as far as it has come.
struct OpenGroup: Sendable {
    /// Its first message with the registers of the others added.
    private(set) var telegram: Telegram
    /// The codes of `telegram`.
    private(set) var registers: Set<OBISCode>
    let origin: Origin
    private(set) var lastArrival: Timestamp

    init(_ telegram: Telegram, origin: Origin) {
        self.telegram = telegram
        self.origin = origin
        registers = Set(telegram.observations.map(\.obis))
        lastArrival = origin.received
    }

    /// Quiet for a while, or open for too long.
    func deadline(_ groups: Groups) -> Timestamp {
        min(lastArrival.adding(milliseconds: groups.quiet), origin.received.adding(milliseconds: groups.limit))
    }

    /// True when `next` belongs to this telegram: the same time, as far as both have one (a reader with a topic for each field
    /// has one for the time too), and no register that is there already.
    ///
    /// - Parameter limit: registers that one telegram may have.
    func accepts(_ next: Telegram, limit: Int) -> Bool {
        (next.time == telegram.time || next.time == nil || telegram.time == nil)
            && telegram.observations.count + next.observations.count <= limit
            && !next.observations.contains { registers.contains($0.obis) }
    }

    /// Takes in one more message.
    mutating func add(_ next: Telegram, received: Timestamp) {
        telegram.observations += next.observations
        telegram.id = telegram.id ?? next.id
        if telegram.time == nil, next.time != nil {
            telegram.time = next.time
            telegram.clock = next.clock
        }
        telegram.model = telegram.model ?? next.model
        telegram.submeters += next.submeters.filter { !telegram.submeters.contains($0) }
        telegram.repairs += next.repairs.filter { !telegram.repairs.contains($0) }
        registers.formUnion(next.observations.lazy.map(\.obis))
        lastArrival = received
    }
}
