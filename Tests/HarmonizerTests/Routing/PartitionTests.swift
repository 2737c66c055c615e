// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

struct PartitionTests {
    @Test(arguments: ["0/1", "0/8", "7/8", "1023/1024"]) func `reads K of N`(text: String) {
        #expect(Partition(text)?.description == text)
    }

    @Test(arguments: ["8/8", "-1/8", "1", "1/0", "1/", "/2", "a/b", "0/1025", "1/2/3", ""])
    func `refuses what is no process of several`(text: String) {
        #expect(Partition(text) == nil)
    }

    @Test(arguments: [1, 2, 4, 7]) func `every device is in one share, and the shares are of a size`(count: Int) {
        let shares = (0..<count).compactMap { Partition("\($0)/\(count)") }
        var sizes = Array(repeating: 0, count: count)
        for number in 0..<10_000 {
            let owners = shares.filter { $0.contains(device: "gPlugD_\(number)") }
            #expect(owners.count == 1)
            sizes[owners.first?.index ?? 0] += 1
        }
        #expect(sizes.allSatisfy { abs($0 * count - 10_000) < 1_500 })
    }

    @Test func `a process takes its own devices and acknowledges the others unread`() throws {
        let shares = [Partition("0/2"), Partition("1/2")].compactMap(\.self)
        var pipelines = try shares.map { try TestPipeline([TestPipeline.source()], partition: $0) }
        for number in 0..<20 {
            let outputs = pipelines.indices.map {
                pipelines[$0].send("in/\(number)", "id=\(number) 1-0:1.7.0=1W").readings
            }
            #expect(outputs.map(\.count).sorted() == [0, 1])
        }
        let unread = pipelines.map { $0.pipeline.counters.ignored["other-partition"] ?? 0 }
        #expect(unread.reduce(0, +) == 20)
    }

    @Test(arguments: [false, true]) func `what the broker keeps of others' meters is not taken back`(stateFirst: Bool)
        throws
    {
        let shares = [Partition("0/2"), Partition("1/2")].compactMap(\.self)
        var whole = try TestPipeline([TestPipeline.source()])
        var kept: [Publication] = []
        for number in 0..<10 {
            kept += whole.send("in/\(number)", "id=7\(number) 1-0:1.7.0=1W 1-0:1.8.0=5kWh").filter(\.isRetained)
        }
        if stateFirst { kept.reverse() }
        var remembered = 0
        for share in shares {
            var pipeline = try TestPipeline([TestPipeline.source()], partition: share)
            for message in kept {
                let raw = RawMessage(
                    topic: message.topic, payload: message.payload, isRetained: true, received: pipeline.now)
                _ = pipeline.pipeline.restore(raw)
            }
            remembered += pipeline.pipeline.registry.meters.count { !$0.registers.isEmpty }
        }
        #expect(remembered == 10)
    }
}
