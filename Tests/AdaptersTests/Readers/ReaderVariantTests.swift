// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import Testing

/// Other users of the same readers: their ids, their topics, what their firmware leaves out or adds, in any order. Each variant of each
/// recording is found like the recording, and its meters publish the same registers.
@Suite struct ReaderVariantTests {
    /// The repository's recordings and those of the corpus that `discover` finds.
    static let recordings: [ReaderRecording] = {
        let own = Set(ReaderRecording.own.map(\.name))
        return ReaderRecording.own
            + ReaderRecording.corpus.filter {
                !own.contains($0.name) && !ReaderRecordingTests.unfound.contains($0.name)
            }
    }()

    private func expect(
        _ messages: [RawMessage], like outcome: ReaderOutcome, _ variant: String, ids: Set<String>? = nil,
        values: Bool = true
    ) throws {
        let found = try ReaderOutcome(messages)
        if found.adapters != outcome.adapters { Issue.record("\(variant): \(found.adapters), not \(outcome.adapters)") }
        if found.ids != ids ?? outcome.ids {
            Issue.record("\(variant): \(found.ids.sorted()), not \((ids ?? outcome.ids).sorted())")
        }
        if values ? found.meters != outcome.meters : found.codes != outcome.codes {
            Issue.record("\(variant): \(found.meters), not \(outcome.meters)")
        }
        if found.rejected { Issue.record("\(variant): rejects") }
    }

    @Test(arguments: recordings) func `other users' readers of the same kind are read alike`(recording: ReaderRecording)
        throws
    {
        let messages = recording.messages
        let outcome = try ReaderOutcome(messages)
        #expect(!outcome.meters.isEmpty)
        let ids = Set(outcome.ids.map { ReaderVariant.renamed($0, of: outcome.ids, in: messages) })
        try expect(ReaderVariant.renamed(messages, ids: outcome.ids), like: outcome, "other ids", ids: ids)
        try expect(ReaderVariant.prefixed(messages, "site1/cellar"), like: outcome, "behind a broker bridge")
        try expect(ReaderVariant.payloads(messages, ReaderVariant.reversed), like: outcome, "members reversed")
        try expect(ReaderVariant.payloads(messages, ReaderVariant.quoted), like: outcome, "numbers in quotes")
        try expect(ReaderVariant.payloads(messages, ReaderVariant.extended), like: outcome, "more members")
        try expect(ReaderVariant.repeated(messages), like: outcome, "each message twice")
    }

    @Test(arguments: recordings) func `a first level of the user's choice changes nothing but an id that it is`(
        recording: ReaderRecording
    ) throws {
        let outcome = try ReaderOutcome(recording.messages)
        let level = recording.messages.first?.topic.split(separator: "/").first.map(String.init) ?? ""
        let ids = Set(
            outcome.ids.map {
                $0 == level ? "Haus" : $0.hasPrefix(level + "-") ? "Haus" + $0.dropFirst(level.count) : $0
            })
        try expect(ReaderVariant.base(recording.messages, "Haus"), like: outcome, "another first level", ids: ids)
    }

    @Test(arguments: recordings) func `retained messages and any order at first leave the same registers`(
        recording: ReaderRecording
    ) throws {
        let messages = recording.messages
        let outcome = try ReaderOutcome(messages + ReaderVariant.later(messages))
        // Clocks go on meanwhile.
        let live = ReaderVariant.later(messages)
        try expect(ReaderVariant.retained(messages) + live, like: outcome, "retained at first", values: false)
        for seed in 1...5 as ClosedRange<UInt64> {
            let first = ReaderVariant.shuffled(messages, seed: seed)
            try expect(first + live, like: outcome, "shuffled \(seed)", values: false)
        }
    }

    @Test(arguments: recordings) func `two readers of a kind on one broker are two`(recording: ReaderRecording) throws {
        let outcome = try ReaderOutcome(recording.messages)
        let second = ReaderVariant.prefixed(ReaderVariant.renamed(recording.messages, ids: outcome.ids), "next")
        // An id in hexadecimal is the same one in the second.
        let isSame = outcome.ids.contains { id in
            ReaderVariant.renamed(id, of: outcome.ids, in: recording.messages) == id
                && !recording.messages.contains { $0.topic.contains(id) || id.contains("-") }
        }
        guard !isSame else { return }
        let both = zip(recording.messages, second).flatMap { [$0, $1] }
        let found = try ReaderOutcome(both)
        #expect(found.adapters == (outcome.adapters + outcome.adapters).sorted())
        #expect(found.meters == (outcome.meters + outcome.meters).sorted { $0.lexicographicallyPrecedes($1) })
    }

    /// What a reader is known by, so that without it nobody can tell what it is, or that it is a meter's.
    private static let needed: [String: Set<String>] = [
        "ai-on-the-edge": ["error"], "rtlamr2mqtt": ["reading", "lastseen"], "wmbusmeters": ["media"],
        "z2m": ["linkquality", "state"],
        "kamstrup": ["kamstrup/energy", "kamstrup/temp1", "kamstrup/temp2"],
        "mbmd": ["mbmd/sdm1-2/Power", "mbmd/sdm1-2/Import"],
    ]

    @Test(arguments: recordings) func `a member that is missing takes nothing with it`(recording: ReaderRecording)
        throws
    {
        let findings = recording.discovery.findings
        let ids = Set(findings.compactMap(\.id))
        var names: Set<String> = Self.needed[recording.name] ?? []
        for message in recording.messages {
            guard let tree = JSONTree(message.payload) else { continue }
            for (name, rest) in tree.withoutOne where names.insert(name).inserted {
                // Without its id a meter is another one.
                let isID = ids.contains { id in
                    String(decoding: message.payload, as: UTF8.self).contains(id)
                        && !String(decoding: rest.bytes, as: UTF8.self).contains(id)
                }
                if isID { continue }
                let messages = ReaderVariant.payloads(recording.messages) { other in
                    other.withoutOne.first { $0.name == name }?.tree ?? other
                }
                try compare(messages, findings, "without \(name)")
            }
        }
    }

    @Test(arguments: recordings) func `a topic that is missing takes nothing with it`(recording: ReaderRecording) throws
    {
        let findings = recording.discovery.findings
        let ids = Set(findings.compactMap(\.id))
        for topic in Set(recording.messages.map(\.topic)).subtracting(Self.needed[recording.name] ?? []) {
            let messages = recording.messages.filter { $0.topic != topic }
            let isID = recording.messages.contains {
                $0.topic == topic && ids.contains(String(decoding: $0.payload, as: UTF8.self))
            }
            if isID || messages.isEmpty { continue }
            try compare(messages, findings, "without \(topic)")
        }
    }

    /// What `discover` proposes for some of the messages reads all that the sources for the whole would read of them.
    private func compare(_ messages: [RawMessage], _ findings: [Finding], _ words: String) throws {
        let known = try ReaderOutcome(messages, findings: findings)
        let found = try ReaderOutcome(messages)
        let isLess = found.codes != known.codes
        if isLess { Issue.record("\(words): \(found.adapters) \(found.codes), not \(known.codes)") }
    }

    @Test func `every reader is found among all the others`() throws {
        var expected: [[String]] = []
        var all: [RawMessage] = []
        for (index, recording) in Self.recordings.enumerated() {
            let alone = try ReaderOutcome(recording.messages)
            let messages = ReaderVariant.prefixed(
                ReaderVariant.renamed(recording.messages, ids: alone.ids, seed: index + 1), "house\(index)")
            expected += try ReaderOutcome(messages).meters
            all += messages
        }
        let found = try ReaderOutcome(all.sorted { $0.received < $1.received })
        #expect(found.meters.count == expected.count)
        for meter in expected where !found.meters.contains(meter) {
            Issue.record("\(meter) of \(found.meters.filter { $0.count == meter.count })")
        }
    }
}
