// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import TestSupport

@testable import BridgeConfiguration

/// A run of the pipeline of which everything that it publishes is compared with what it published before.
struct Scenario: Sendable {
    /// `fixture gplug/morning`, `case clock/a reader without a clock`, `seed 17`.
    var name: String
    /// Everything that is published, in its order.
    var run: @Sendable () -> [Publication]

    /// What readers were seen to send, what golden cases are about, and what chance brings.
    static func all() throws -> [Scenario] { try fixtures + cases + seeds(0..<2000) }

    private static let fixtures: [Scenario] = Fixture.all.map { fixture in
        Scenario(name: "fixture \(fixture.testDescription)") {
            guard let run = ConfiguredRun(fixture) else { return [] }
            return run.published
        }
    }

    private static var cases: [Scenario] {
        GoldenCaseTests.places.flatMap { place in
            place.read().map { golden in
                Scenario(name: "case \(place.name)/\(golden.name)") {
                    CaseRunner.run(golden).publications.map { $0.anywhere }
                }
            }
        }
    }

    private static func seeds(_ seeds: Range<UInt64>) throws -> [Scenario] {
        let houses = try MadeUpHouse.all.map { house in
            (house, try house.configurations.map { try ConfiguredRun.settings($0) })
        }
        return seeds.map { seed in
            Scenario(name: "seed \(seed)") {
                let (house, settings) = houses[Int(seed) % houses.count]
                return house.play(seed, settings)
            }
        }
    }
}

extension Publication {
    /// The same wherever the project lies, and wherever a case stands in its file: `info` names the line that gave a meter its name.
    fileprivate var anywhere: Publication {
        var publication = self
        let text = String(decoding: payload, as: UTF8.self)
        if text.contains(GoldenCaseTests.folder) || text.contains(GoldenCaseTests.page) {
            let place = text.replacing(GoldenCaseTests.folder, with: "cases")
                .replacing(GoldenCaseTests.page, with: "cases/fixes.yaml")
            publication.payload = Array(place.replacing(/cases\/(\w+).yaml:\d+/) { "cases/\($0.output.1)" }.utf8)
        }
        return publication
    }
}

extension ConfiguredRun {
    /// A fixture's messages, each of them twice: the second time with what the first has taught.
    fileprivate init?(_ fixture: Fixture) {
        guard let first = fixture.steps.first, let zone = Zone("Europe/Zurich"), let profile = Self.profile else {
            return nil
        }
        var options = AdapterOptions(
            labels: first.labels.flatMap { LabelDictionary.shipped(named: $0) }, groups: first.groups,
            crc: first.crc ?? .repair, keys: first.keys,
            mapping: first.mapping.flatMap { FieldMapping.shipped(named: $0) })
        options.lists = first.list.flatMap { PushList.shipped(named: $0) }.map { [$0] }
        guard let adapter = AdapterRegistry.make(fixture.adapter, options: options) else { return nil }
        let filters = adapter.defaultFilters.compactMap { TopicPattern($0) } + [TopicPattern("#")].compactMap(\.self)
        self.init(
            Pipeline.Settings(
                bridge: "test", profile: profile,
                sources: [Source(name: fixture.adapter, adapter: adapter, filters: filters, zone: zone)]),
            at: first.message?.received ?? Self.start)
        for pass in 0..<2 {
            for step in fixture.steps {
                guard let message = step.message else { continue }
                // The clock of a fixture may stand still, or be another one in each step.
                let pause = max(0, (message.received - now).milliseconds)
                jump(pass == 0 ? min(pause, 3_600_000) : 1000)
                send(message.topic, message.payload)
            }
            jump(10_000)
        }
        flush()
        health()
    }

    private static let profile = try? Profile()
}
