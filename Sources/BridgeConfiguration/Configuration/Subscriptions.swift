// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import MQTT

/// Computes the subscriptions for all sources.
enum Subscriptions {
    /// The filters of all sources, without filters that another one covers: with MQTT 5 mosquitto delivers a message
    /// once for every filter that it matches, and a copy would look like the next telegram. Overlapping filters of
    /// which neither covers the other get subscription identifiers, by which the relay recognises the copies.
    ///
    /// - Parameter others: further filters, at QoS 1, for the birth messages of consumers.
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

    /// The identifier of a filter, the same in every run: queued messages of a session carry the identifiers of an
    /// earlier run.
    private static func identifier(of filter: String) -> UInt32 {
        var checksum = Checksum()
        checksum.combine(filter.utf8)
        let largest: UInt64 = 268_435_455
        return UInt32(truncatingIfNeeded: checksum.value % largest) + 1
    }
}
