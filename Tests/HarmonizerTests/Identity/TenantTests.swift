// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Harmonizer

/// Meters of several tenants in one bridge: nothing of the one reaches the other, whatever it sends.
@Suite struct TenantTests {
    private static let profile = "{extends: harmonized, topics: {root: \"harmonized/v1/{tenant}\"}}"

    private func pipeline(_ filter: String = "in/{tenant}/+", profile: String = Self.profile) throws -> TestPipeline {
        try TestPipeline([TestPipeline.source(filter: filter)], profile: profile)
    }

    private func topic(_ publications: [Publication], _ suffix: String) -> [String] {
        publications.map(\.topic).filter { $0.hasSuffix(suffix) }
    }

    @Test func `equal ids of two tenants are two meters, each below its tenant`() throws {
        var test = try pipeline()
        let one = test.send("in/acme/r1", "id=42 t=1795217228 1-0:1.8.0=100kWh")
        let two = test.send("in/beta/r1", "id=42 t=1795217229 1-0:1.8.0=7kWh")
        #expect(topic(one, "/reading") == ["harmonized/v1/acme/meter/acme--42/reading"])
        #expect(topic(two, "/reading") == ["harmonized/v1/beta/meter/beta--42/reading"])
        // 7 after 100 would be held if it were the same meter's.
        #expect(topic(two, "obis/1-0:1.8.0") == ["harmonized/v1/beta/meter/beta--42/obis/1-0:1.8.0"])
        #expect(two.allSatisfy { $0.topic.hasPrefix("harmonized/v1/beta/") })
        #expect(two.allSatisfy { !String(decoding: $0.payload, as: UTF8.self).contains("acme") })
    }

    @Test func `devices of one name, and those that a payload names, stay with their tenant`() throws {
        var test = try pipeline()
        let all = ["acme", "beta"].flatMap { tenant in
            test.send("in/\(tenant)/r1", "device=sub t=1795217228 1-0:1.7.0=5W") + test.wait(5000)
        }
        let readings = topic(all, "/reading")
        #expect(readings.count == 2)
        #expect(readings[0].hasPrefix("harmonized/v1/acme/meter/acme--"))
        #expect(readings[1].hasPrefix("harmonized/v1/beta/meter/beta--"))
    }

    @Test func `without the id a reader goes on as a meter of its own tenant only`() throws {
        var test = try pipeline()
        _ = test.send("in/acme/r1", "id=42 t=1795217228 1-0:1.8.0=100kWh")
        let other = test.send("in/beta/r2", "t=1795217428 1-0:1.8.0=100.1kWh", after: 200_000)
        #expect(topic(other, "/reading").allSatisfy { $0.hasPrefix("harmonized/v1/beta/meter/beta--") })
        #expect(!topic(other, "/reading").isEmpty)
    }

    @Test func `what the bridge says of itself is no tenant's`() throws {
        var test = try pipeline()
        let topics = test.send("in/acme/r1", "bad").map(\.topic)
        #expect(topics == ["harmonized/v1/bridge/test/reject"])
    }

    @Test func `the name of a tenant is one level, whatever it is`() throws {
        var test = try pipeline(profile: "{}")
        let names = ["acme-1", "Acme 1", "ä", "a--b", String(repeating: "x", count: 80), "acme_1"]
        let ids = names.map { name in
            topic(test.send("in/\(name)/r1", "id=42 t=1795217228 1-0:1.7.0=5W"), "/reading").map {
                String($0.split(separator: "/")[3])
            }
        }
        #expect(Set(ids).count == names.count)
        #expect(ids.allSatisfy { $0.count == 1 && $0[0].hasSuffix("--42") && $0[0].utf8.count <= 64 })
        #expect(ids.last == ["acme_1--42"])
        #expect(ids.allSatisfy { Tenant.name(in: $0[0])?.contains("-") == false })
    }

    @Test func `a restarted bridge finds its meters again`() throws {
        var before = try pipeline()
        let kept = before.send("in/acme/r1", "id=42 t=1795217228 1-0:1.8.0=100kWh").filter(\.isRetained)
        let filters = Pipeline.baselineFilters(before.pipeline.settings.profile.topics)
        #expect(Set(filters) == ["harmonized/v1/+/meter/+/info", "harmonized/v1/+/meter/+/state"])
        var after = try pipeline()
        for message in kept where ["info", "state"].contains(message.topic.split(separator: "/").last) {
            let raw = RawMessage(
                topic: message.topic, payload: message.payload, isRetained: true, received: after.now)
            let isTaken = after.pipeline.restore(raw)
            #expect(isTaken)
            // The same below another tenant is not this meter's.
            let moved = RawMessage(
                topic: message.topic.replacing("/acme/", with: "/beta/"), payload: message.payload, isRetained: true,
                received: after.now)
            let isTakenElsewhere = after.pipeline.restore(moved)
            #expect(!isTakenElsewhere)
        }
        let fell = after.send("in/acme/r1", "id=42 t=1795217328 1-0:1.8.0=3kWh", after: 100_000)
        #expect(fell.contains { String(decoding: $0.payload, as: UTF8.self).contains("counter.decrease") })
    }

    @Test func `one level of a filter may be the tenant's`() throws {
        let pattern = try #require(TopicPattern("site/+/{tenant}/tele/#"))
        #expect(pattern.filter == "site/+/+/tele/#" && pattern.tenant == 1)
        #expect(pattern.captures("site/a/acme/tele/x/y") == ["a", "acme", "x/y"])
        #expect(TopicPattern("{tenant}/{tenant}/x") == nil)
        #expect(TopicPattern("a{tenant}/x")?.tenant == nil)
    }
}
