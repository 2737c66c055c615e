// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import Testing

/// Recorded shapes of every vendor against what they must become. The format is described in `Fixtures/README.md`.
@Suite struct FixtureTests {
    @Test(arguments: Fixture.all) func `a payload becomes what its document says`(fixture: Fixture) throws {
        let options = try AdapterOptions(fixture.steps[0])
        let adapter = try #require(AdapterRegistry.make(fixture.adapter, options: options), "no such adapter")
        var decoder = adapter.makeDecoder()
        for step in fixture.steps {
            let verdict =
                step.message.map { decoder.decode($0, context: DecodingContext(keepsRaw: step.keepsRaw)) }
                ?? decoder.abandon()
            #expect(VerdictText.lines(verdict) == step.expected, "\(step.name)")
        }
    }

    @Test(arguments: AdapterRegistry.all.map(\.name)) func `every adapter has a fixture`(adapter: String) {
        #expect(Fixture.all.contains { $0.adapter == adapter })
    }

    @Test func `every payload has an expectation`() {
        #expect(Fixture.payloadsWithoutExpectation == [])
    }
}

extension AdapterOptions {
    /// The options that a fixture's first step names.
    init(_ step: Fixture.Step) throws {
        self.init(
            labels: try step.labels.map { try #require(LabelDictionary.shipped(named: $0), "no such dictionary") },
            groups: step.groups, crc: step.crc ?? .repair, keys: step.keys,
            mapping: try step.mapping.map { try #require(FieldMapping.shipped(named: $0), "no such mapping") })
        lists = try step.list.map { [try #require(PushList.shipped(named: $0), "no such list")] }
    }
}
