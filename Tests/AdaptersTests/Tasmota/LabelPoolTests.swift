// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

/// Thousands of readers run one script: what its labels mean lies in memory once.
@Suite struct LabelPoolTests {
    private func memory(of labels: [String], meaning: LabelMeaning = .ignored) throws -> LabelMemory {
        let text = "{" + labels.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
        var memory = LabelMemory()
        for member in try JSONDocument.parse(Array(text.utf8)).root.members {
            _ = memory.meaning(of: member.key) { _ in meaning }
        }
        return memory
    }

    private func place(_ memory: LabelMemory) -> UnsafeRawPointer? {
        memory.entries.withUnsafeBytes { $0.baseAddress }
    }

    @Test func `devices with the same labels share one memory, others have their own, and none learns from another`()
        throws
    {
        let pool = LabelPool()
        var one = try memory(of: ["Pi", "Po"])
        var two = try memory(of: ["Pi", "Po"])
        var other = try memory(of: ["Pi", "Po"], meaning: .clock)
        pool.share(&one)
        pool.share(&two)
        pool.share(&other)
        #expect(place(one) == place(two) && place(one) != place(other))
        #expect(one.entries == two.entries && other.entries.map(\.meaning) == [.clock, .clock])
        let member = try #require(try JSONDocument.parse(Array("{\"Ei\":1}".utf8)).root.members.first { _ in true })
        #expect(two.meaning(of: member.key) { _ in .unknown } == .unknown)
        #expect(one.entries.map(\.label) == ["Pi", "Po"] && two.entries.map(\.label) == ["Pi", "Po", "Ei"])
    }
}
