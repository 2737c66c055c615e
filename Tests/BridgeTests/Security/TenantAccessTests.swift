// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The example's access list for tenants, enforced by a mosquitto: what one sends only it and the bridge can read.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct TenantAccessTests {
    @Test func `a tenant sees its own meters, not another's of the same number`() throws {
        let list = DocumentationTests.root.appendingPathComponent("Examples/mosquitto/tenants.acl").path
        let users = ["obis-bridge", "acme", "beta"]
        let broker = try MosquittoBroker(
            .init(
                users: Dictionary(uniqueKeysWithValues: users.map { ($0, "secret-\($0)") }), lines: ["acl_file \(list)"]
            ))
        func login(_ user: String) -> [String] { ["-u", user, "-P", "secret-\(user)"] }
        let bridge = try RunningBridge(
            """
            bridge: shared
            broker: {url: "mqtt://localhost:\(broker.port)", username: obis-bridge, password: secret-obis-bridge}
            zone: UTC
            sources: {gplug: {adapter: gplug, labels: gplug-d, subscribe: "tenants/{tenant}/tele/+/SENSOR"}}
            profile: {extends: harmonized, topics: {root: "harmonized/v1/{tenant}"}}
            """)
        let acme = try MosquittoSub(port: broker.port, topics: ["#"], arguments: login("acme"))
        let beta = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/#"], arguments: login("beta"))
        func payload(_ kilowatts: String) -> String {
            #"{"Time":"2026-11-21T00:27:09","z":{"SMid":"3130303030303231","Pi":\#(kilowatts)}}"#
        }
        try mosquittoPub(
            port: broker.port, topic: "tenants/acme/tele/r1/SENSOR", payload: payload("0.412"), arguments: login("acme")
        )
        // Under another's name nothing arrives.
        try mosquittoPub(
            port: broker.port, topic: "tenants/acme/tele/r1/SENSOR", payload: payload("9.999"), arguments: login("beta")
        )
        try mosquittoPub(
            port: broker.port, topic: "tenants/beta/tele/r1/SENSOR", payload: payload("0.007"), arguments: login("beta")
        )
        #expect(beta.wait(seconds: 30) { $0.contains { $0.contains("/reading ") } }, "\(bridge.log)")
        #expect(acme.wait(seconds: 30) { $0.contains { $0.contains("/reading ") } }, "\(bridge.log)")
        #expect(bridge.stop() == 0)
        let (ofAcme, ofBeta) = (acme.messages.map { Received($0) }, beta.messages.map { Received($0) })
        #expect(
            ofAcme.allSatisfy { $0.topic.hasPrefix("harmonized/v1/acme/meter/acme--10000021/") }, "\(acme.messages)")
        #expect(
            ofBeta.allSatisfy { $0.topic.hasPrefix("harmonized/v1/beta/meter/beta--10000021/") }, "\(beta.messages)")
        let powers = (ofAcme + ofBeta).filter { $0.topic.hasSuffix("/obis/1-0:1.7.0") }.map(\.payload)
        #expect(Set(powers) == ["412", "7"])
        #expect(!bridge.log.contains("refused"), "\(bridge.log)")
    }
}
