// SPDX-License-Identifier: Apache-2.0

/// A telegram in several messages, as far as it has arrived.
struct OpenGroup: Sendable {
    /// The first message with the registers of the others added.
    private(set) var telegram: Telegram
    /// The codes of `telegram`.
    private(set) var registers: Set<OBISCode>
    let origin: Origin
    private(set) var lastArrival: Timestamp
    /// The registers of the newest message, which a broker may deliver again.
    private var newest: [Observation]

    init(_ telegram: Telegram, origin: Origin) {
        self.telegram = telegram
        self.origin = origin
        registers = Set(telegram.observations.map(\.obis))
        lastArrival = origin.received
        newest = telegram.observations
    }

    /// The time at which the group was quiet for long enough, or open for too long.
    func deadline(_ groups: GroupSettings) -> Timestamp {
        min(lastArrival + groups.quiet, origin.received + groups.limit)
    }

    /// True when `next` belongs to this telegram: the same time, as far as both have one (a reader with a topic for
    /// each field has one for the time too), and no register that the group has already, unless it is the newest
    /// message once more.
    ///
    /// - Parameter limit: registers that one telegram may have.
    func accepts(_ next: Telegram, limit: Int) -> Bool {
        (next.time == telegram.time || next.time == nil || telegram.time == nil)
            && telegram.observations.count + next.observations.count <= limit
            && (next.observations == newest || !next.observations.contains { registers.contains($0.obis) })
    }

    /// Takes in one more message.
    mutating func add(_ next: Telegram, received: Timestamp) {
        lastArrival = received
        if next.observations == newest, !newest.isEmpty { return }
        newest = next.observations
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
    }
}
