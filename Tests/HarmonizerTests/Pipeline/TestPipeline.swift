// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// A pipeline with a clock of its own.
struct TestPipeline {
    var pipeline: Pipeline
    var now = Timestamp(seconds: 1_795_217_228, microseconds: 0, fractionDigits: 3)

    /// - Parameter profile: YAML on top of the shipped profile.
    init(
        _ sources: [Source], meters: [MeterEntry] = [], profile yaml: String = "{}", limits: Limits = Limits(),
        partition: Partition = .whole
    ) throws {
        let profile = try yaml == "{}" ? Self.shipped.get() : Profile(yaml: yaml)
        pipeline = Pipeline(
            Pipeline.Settings(
                bridge: "test", profile: profile, sources: sources, meters: meters, limits: limits, partition: partition
            ))
    }

    /// Read once: it is what thousands of random sequences start from.
    private static let shipped = Result { try Profile() }

    static func source(
        _ name: String = "src", filter: String = "in/+", separateID: Bool = false, meter: String? = nil,
        zone: Zone = .utc, isZoneOfHost: Bool = false, policies: FixPolicies = FixPolicies()
    ) -> Source {
        Source(
            name: name, adapter: TextAdapter(sendsIDSeparately: separateID),
            filters: [TopicPattern(filter)].compactMap(\.self),
            zone: zone, isZoneOfHost: isZoneOfHost, meter: meter, meterPlace: meter.map { _ in "bridge.yaml:7" },
            policies: policies,
            place: "bridge.yaml:4")
    }

    mutating func send(_ topic: String, _ payload: String, after milliseconds: Int64 = 0) -> [Publication] {
        now += .milliseconds(milliseconds)
        return PublicationRecord.keep(
            pipeline.advance(to: now)
                + pipeline.handle(RawMessage(topic: topic, payload: Array(payload.utf8), received: now)))
    }

    mutating func wait(_ milliseconds: Int64) -> [Publication] {
        now += .milliseconds(milliseconds)
        return PublicationRecord.keep(pipeline.advance(to: now))
    }
}

extension [Publication] {
    func payloads(_ suffix: String) -> [String] {
        filter { $0.topic.hasSuffix(suffix) }.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    var readings: [[String: Any]] { payloads("/reading").map(object) }
    var topics: [String] { map(\.topic) }

    /// `1-0:1.8.0` to the bare value, of the newest reading.
    var registers: [String: String] {
        (readings.last?["registers"] as? [String: [String: Any]] ?? [:]).mapValues { "\($0["value"] ?? "")" }
    }

    var rules: [[String]] {
        readings.map { ($0["fixes"] as? [[String: Any]] ?? []).compactMap { $0["rule"] as? String } }
    }

    var meters: [String] { readings.compactMap { $0["meter"] as? String } }

    func object(_ payload: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any]) ?? [:]
    }
}
