// SPDX-License-Identifier: Apache-2.0
/// The subscriptions that this process has requested, and the broker's answers.
struct SubscriptionState {
    /// True once the broker has answered all of them; before that, a resumed session may hold any filters.
    private(set) var areMade = false
    private var open: [Int32: TopicFilter] = [:]
    private var accepted: [TopicFilter] = []
    /// Filters that a reload added while the connection was busy.
    private var added: [TopicFilter] = []
    /// Filters that the broker's session may hold although they are no longer configured.
    private var stale: Set<String> = []

    /// True when a reload requested changes that are not sent to the broker yet.
    var hasChanges: Bool { !added.isEmpty || !stale.isEmpty }

    /// Notes the difference between two configurations.
    mutating func change(from old: [TopicFilter], to new: [TopicFilter]) {
        added = added.filter(new.contains) + new.filter { !old.contains($0) && !added.contains($0) }
        leave(old.map(\.filter))
        stale.subtract(new.map(\.filter))
    }

    /// Notes filters of an earlier configuration.
    mutating func leave(_ filters: [String]) { stale.formUnion(filters) }

    mutating func takeAdded() -> [TopicFilter] {
        defer { added = [] }
        return added
    }

    mutating func takeStale() -> [String] {
        defer { stale = [] }
        return stale.sorted()
    }

    /// Starts a round of subscriptions; it ends when the broker has answered all.
    mutating func begin() {
        areMade = false
        added = []
        open = [:]
        accepted = []
    }

    mutating func asked(_ filter: TopicFilter, id: Int32) { open[id] = filter }

    /// Notes a SUBACK; returns what to report about it.
    mutating func answered(_ id: Int32, codes: [Int32], version: ProtocolVersion) -> RelayEvent? {
        guard let filter = open.removeValue(forKey: id) else { return nil }
        areMade = open.isEmpty
        guard let code = codes.first(where: { $0 >= 128 }) else {
            accepted.append(filter)
            return nil
        }
        // MQTT 3.1.1 has a single code for every cause.
        let reason = version == .v311 || code == 128 ? "the broker does not allow it" : MQTTError.reasonText(code)
        return .subscriptionRefused(filter: filter, reason: reason)
    }

    /// The accepted filters once all are answered, returned only once; otherwise nil.
    mutating func takeAccepted() -> [TopicFilter]? {
        guard open.isEmpty, !accepted.isEmpty else { return nil }
        defer { accepted = [] }
        return accepted
    }
}
