// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// How long a consumer that has just started is given to subscribe to what it was told about, in milliseconds.
    static let birthPause: Int64 = 3000

    /// A consumer's `online`: it is told again what there is, at once, and the momentary values after a pause.
    mutating func consumerBirth(_ message: RawMessage) -> [Publication]? {
        guard outputs.birthTopics.contains(message.topic) else { return nil }
        guard message.payload.elementsEqual("online".utf8) else { return [] }
        var publications = settings.outputs.birth()
        for meter in meters.indices where meters[meter].newest != nil {
            publications += outputs.description(of: meters[meter], at: message.received, isRepeated: true)
            publications += availabilityAgain(of: meter)
            freshValuesDue[meter] = message.received.adding(milliseconds: Self.birthPause)
        }
        return publications
    }

    /// What says that a meter exists, where it is news. A consumer subscribes to a register when it is told of it, and has
    /// missed the very value that it was told of by then.
    mutating func describe(_ meter: Int, at now: Timestamp) -> [Publication] {
        let publications = outputs.description(of: meters[meter], at: now)
        if !publications.isEmpty, !outputs.birthTopics.isEmpty {
            freshValuesDue[meter] = now.adding(milliseconds: Self.birthPause)
        }
        return publications
    }

    /// Momentary values for those who have just subscribed, when their time has come.
    mutating func freshValues(at now: Timestamp) -> [Publication] {
        let due = freshValuesDue.filter { $0.value <= now }.keys.sorted()
        for meter in due { freshValuesDue[meter] = nil }
        var publications: [Publication] = []
        for meter in due { publications += outputs.freshValues(of: meters[meter], at: now) }
        return publications
    }

    private func availabilityAgain(of meter: Int) -> [Publication] {
        let rule = profile.topics.availability
        guard rule.isEnabled, let isOnline = meters[meter].isOnline else { return [] }
        return [
            Publication(
                topic: meters[meter].topics.availability, payload: Array((isOnline ? "online" : "offline").utf8),
                qos: rule.qos, isRetained: rule.retain != .never)
        ]
    }
}
