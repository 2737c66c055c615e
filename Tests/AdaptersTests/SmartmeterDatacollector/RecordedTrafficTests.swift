// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import Testing

/// `traffic.tsv`: both sinks of 2.0.0 for three meters, one of them without id, in the order in which a broker delivered them.
@Suite struct RecordedTrafficTests {
    @Test(arguments: [
        [["smartmeter/#"], ["dt/+/#"]],
        [["smartmeter/#", "dt/+/#"]],
    ])
    func `each telegram becomes one reading from each sink, and both say the same`(sources: [[String]]) throws {
        let readings = try readings(sources: sources)
        #expect(readings.count == 24)
        // The registers of one telegram carry its time in whole seconds.
        for (_, pair) in Dictionary(grouping: readings, by: { "\($0.meterOrPort) \($0.time.prefix(19))" }) {
            #expect(pair.count == 2)
            #expect(Set(pair.map(\.isBundle)) == [true, false])
            #expect(Set(pair.map(\.registers)).count == 1)
            #expect(pair[0].registers.components(separatedBy: "\"unit\"").count - 1 >= 12)
            #expect(pair.allSatisfy { $0.fixes == ($0.meterOrPort.hasPrefix("/") ? ["id.missing"] : []) })
        }
        #expect(Set(readings.map(\.meterOrPort)) == ["lgz1030999000017", "isk1030999000024", "/dev/ttyUSB0"])
    }

    private struct ReadingText {
        var meterOrPort: String
        var time: Substring
        var isBundle: Bool
        var registers: String
        var fixes: [String]
    }

    private func readings(sources: [[String]]) throws -> [ReadingText] {
        let adapter = try #require(AdapterRegistry.make("smartmeter-datacollector"))
        var pipeline = Pipeline(
            Pipeline.Settings(
                bridge: "test", profile: try Profile(),
                sources: sources.enumerated().map { index, filters in
                    Source(
                        name: "source\(index)", adapter: adapter, filters: filters.compactMap { TopicPattern($0) },
                        zone: .utc)
                }))
        let file = try #require(
            Bundle.module.url(
                forResource: "traffic", withExtension: "tsv", subdirectory: "Fixtures/smartmeter-datacollector"))
        var publications: [Publication] = []
        var now = Timestamp(seconds: 0)
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            let arrival = try #require(Double(fields[0]))
            now = Timestamp(
                seconds: Int64(arrival), microseconds: Int32(arrival.truncatingRemainder(dividingBy: 1) * 1e6))
            publications += pipeline.advance(to: now)
            publications += pipeline.handle(RawMessage(topic: fields[1], payload: Array(fields[2].utf8), received: now))
        }
        publications += pipeline.advance(to: now + .seconds(5))
        #expect(!pipeline.hasOpenGroups)
        #expect(pipeline.counters.rejected.isEmpty && pipeline.counters.ignored.isEmpty)
        return try publications.filter { $0.topic.hasSuffix("/reading") }.map(read)
    }

    private func read(_ publication: Publication) throws -> ReadingText {
        let text = String(decoding: publication.payload, as: UTF8.self)
        func between(_ start: String, _ end: String) throws -> Substring {
            let from = try #require(text.range(of: start)).upperBound
            return text[from..<(try #require(text.range(of: end, range: from..<text.endIndex)).lowerBound)]
        }
        let topic = try between("\"topic\":\"", "\"")
        let meter = try between("\"meter\":\"", "\"")
        let fixes = try between("\"fixes\":[", "],\"source\"")
        return ReadingText(
            meterOrPort: topic.contains("/dev/ttyUSB0") ? "/dev/ttyUSB0" : String(meter),
            time: try between("\"time\":\"", "\""), isBundle: topic.hasPrefix("dt/"),
            registers: String(try between("\"registers\":", ",\"fixes\"")),
            fixes: fixes.components(separatedBy: "\"rule\":\"").dropFirst().map {
                String($0.prefix { $0 != "\"" })
            })
    }
}
