// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import MQTT

/// What has to be subscribed to for all sources.
enum Subscriptions {
    /// The filters of all sources without those that another one covers: with MQTT 5 mosquitto delivers a message once for
    /// every filter it matches, and a copy would look like the next telegram. Filters that overlap without one covering the
    /// other get numbers, by which the relay recognises the copies.
    ///
    /// - Parameter others: what is read besides, at QoS 1: the birth messages of consumers.
    static func minimal(_ sources: [ConfiguredSource], and others: [String] = []) -> [MQTT.TopicFilter] {
        let all =
            sources.filter { $0.input == nil }.flatMap { source in
                source.source.filters.map { (pattern: $0, qos: source.qos) }
            } + others.compactMap { TopicPattern($0) }.map { (pattern: $0, qos: QoS.atLeastOnce) }
        let needed = all.enumerated().compactMap { position, one -> (pattern: TopicPattern, qos: QoS)? in
            let isCovered = all.enumerated().contains { other, candidate in
                other != position && candidate.pattern.covers(one.pattern)
                    && (other < position || !one.pattern.covers(candidate.pattern))
            }
            guard !isCovered else { return nil }
            let covered = all.filter { one.pattern.covers($0.pattern) }
            let isSure = covered.contains { $0.qos == .atLeastOnce }
            return (one.pattern, isSure ? .atLeastOnce : .atMostOnce)
        }
        return needed.enumerated().map { position, one in
            let overlaps = needed.enumerated().contains { $0 != position && $1.pattern.overlaps(one.pattern) }
            return MQTT.TopicFilter(
                one.pattern.filter, qos: one.qos, subscriptionID: overlaps ? identifier(of: one.pattern.filter) : nil)
        }
    }

    /// The same for the same filter in every run: what is queued in a session names the subscriptions of an earlier one.
    private static func identifier(of filter: String) -> UInt32 {
        var checksum = Checksum()
        checksum.combine(filter.utf8)
        let largest: UInt64 = 268_435_455
        return UInt32(truncatingIfNeeded: checksum.value % largest) + 1
    }
}
