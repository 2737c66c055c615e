// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT

/// `…/bridge/<bridge>/info`: which program, which profile, which topics.
struct BridgeInfo: Encodable {
    let schema: String
    let version: String
    let profile: String
    let profileHash: String
    let subscriptions: [String]
    let sources: [String: String]

    private enum CodingKeys: String, CodingKey {
        case schema, version, profile, subscriptions, sources
        case profileHash = "profile_hash"
    }

    init(_ configuration: Configuration) {
        schema = configuration.profile.schema
        version = Bridge.version
        profile = configuration.profile.name
        profileHash = configuration.profile.hash
        subscriptions = configuration.subscriptions.map(\.filter)
        sources = Dictionary(configuration.sources.map { ($0.name, $0.adapter.name) }) { first, _ in first }
    }

    /// The filters that a retained message of an earlier process names.
    static func subscriptions(in payload: [UInt8]) -> [String] {
        struct Info: Decodable { let subscriptions: [String] }
        let info = try? JSONDecoder().decode(Info.self, from: Data(payload))
        return Array((info?.subscriptions ?? []).prefix(1000))
    }

    var payload: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }
}
