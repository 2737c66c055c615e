// SPDX-License-Identifier: Apache-2.0
/// Which subscriptions this process has asked for, and what the broker said.
struct SubscriptionState {
    /// True once this process has subscribed; before that, a resumed session may hold any filters.
    private(set) var areMade = false
    private var open: [Int32: TopicFilter] = [:]
    private var accepted: [TopicFilter] = []

    mutating func begin() {
        areMade = true
        open = [:]
        accepted = []
    }

    mutating func asked(_ filter: TopicFilter, id: Int32) { open[id] = filter }

    /// A SUBACK; returns what to report about it.
    mutating func answered(_ id: Int32, codes: [Int32], version: ProtocolVersion) -> RelayEvent? {
        guard let filter = open.removeValue(forKey: id) else { return nil }
        guard let code = codes.first(where: { $0 >= 128 }) else {
            accepted.append(filter)
            return nil
        }
        // 3.1.1 knows a single code for every cause.
        let reason = version == .v311 || code == 128 ? "the broker does not allow it" : MQTTError.reasonText(code)
        return .subscriptionRefused(filter: filter, reason: reason)
    }

    /// All answered: the accepted filters, once.
    mutating func takeAccepted() -> [TopicFilter]? {
        guard open.isEmpty, !accepted.isEmpty else { return nil }
        defer { accepted = [] }
        return accepted
    }
}
