// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation
import Harmonizer
import MQTT
import Machine

/// `…/bridge/<bridge>/info`: the program, the profile and the topics.
struct BridgeInfo: Encodable {
    let schema: String
    let version: String
    let profile: String
    let profileHash: String
    let subscriptions: [String]
    let sources: [String: String]
    /// The client id of the session on the input broker.
    let clientID: String
    /// The ids of the meters: from a broker that sends no retained messages for wildcards, the bridge requests them by
    /// name.
    let meters: [String]
    /// The sources that `sources: auto` adopted, as YAML; nil without it.
    let adopted: String?

    private enum CodingKeys: String, CodingKey {
        case schema, version, profile, subscriptions, sources, meters, adopted
        case clientID = "client_id"
        case profileHash = "profile_hash"
    }

    init(_ configuration: Configuration, meters: [String] = []) {
        self.meters = meters
        clientID = configuration.input.clientID
        schema = configuration.profile.schema
        version = Program.version
        profile = configuration.profile.name
        profileHash = configuration.profile.hash
        subscriptions = configuration.subscriptions.map(\.filter)
        adopted = configuration.adopted
        sources = Dictionary(configuration.sources.map { ($0.name, $0.adapter.name) }) { first, _ in first }
    }

    /// The retained `info` of an earlier process.
    struct Former: Decodable {
        /// The filters that its session may still hold.
        var subscriptions: [String]?
        /// Nil in messages of version 0.1.
        var clientID: String?
        var meters: [String]?

        private enum CodingKeys: String, CodingKey {
            case subscriptions, meters
            case clientID = "client_id"
        }

        /// The filters that the session of this input may still have; none for a client id that the user has just
        /// chosen, because its session is new.
        func subscriptions(for input: BrokerConfiguration) -> [String] {
            if input.hasOwnClientID, let clientID, clientID != input.clientID { return [] }
            return subscriptions ?? []
        }
    }

    /// Reads the retained message of an earlier process; nil for other payloads.
    static func former(_ payload: [UInt8]) -> Former? {
        guard var former = try? JSONDecoder().decode(Former.self, from: Data(payload)) else { return nil }
        former.subscriptions = former.subscriptions.map { Array($0.prefix(1000)) }
        former.meters = former.meters.map { Array($0.prefix(20_000)) }
        return former
    }

    var payload: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }
}
