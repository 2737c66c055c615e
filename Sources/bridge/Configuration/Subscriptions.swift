// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import MQTT

/// What has to be subscribed to for all sources.
enum Subscriptions {
    /// The filters of all sources without those that another one covers: with MQTT 5 mosquitto delivers a message once for
    /// every filter it matches, and a copy would look like the next telegram.
    ///
    /// - Parameter others: what is read besides, at QoS 1: the birth messages of consumers.
    static func minimal(_ sources: [ConfiguredSource], and others: [String] = []) -> [MQTT.TopicFilter] {
        let all =
            sources.filter { $0.input == nil }.flatMap { source in
                source.source.filters.map { (pattern: $0, qos: source.qos) }
            } + others.compactMap { TopicPattern($0) }.map { (pattern: $0, qos: QoS.atLeastOnce) }
        return all.enumerated().compactMap { position, one in
            let isCovered = all.enumerated().contains { other, candidate in
                other != position && candidate.pattern.covers(one.pattern)
                    && (other < position || !one.pattern.covers(candidate.pattern))
            }
            guard !isCovered else { return nil }
            let covered = all.filter { one.pattern.covers($0.pattern) }
            let isSure = covered.contains { $0.qos == .atLeastOnce }
            return MQTT.TopicFilter(one.pattern.filter, qos: isSure ? .atLeastOnce : .atMostOnce)
        }
    }
}
