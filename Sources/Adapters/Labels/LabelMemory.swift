// SPDX-License-Identifier: Apache-2.0
import Harmonizer
internal import Synchronization

/// The meanings of the labels that a device has sent, found again without a text being made of them.
///
/// A reader sends its labels in the same order every time, so that the next one is nearly always where it is looked for.
struct LabelMemory {
    /// A device that invents labels must not fill the memory.
    static let limit = 256
    /// Nor may labels longer than any script's.
    static let labelLength = 64

    /// A label and its meaning.
    struct Entry: Equatable {
        let label: String
        let meaning: LabelMeaning
        /// Of a short label its bytes, so that it is compared in one step.
        fileprivate let short: UInt64?

        init(label: String, meaning: LabelMeaning) {
            self.label = label
            self.meaning = meaning
            var label = label
            short = label.withUTF8(JSONText.short)
        }

        fileprivate func isLabel(_ key: JSONText, _ short: UInt64?) -> Bool {
            self.short == short && (short != nil || key.equals(label))
        }
    }

    /// The labels in the order of their first appearance.
    private(set) var entries: [Entry] = []
    private var next = 0

    /// The remembered meaning of a short label; nil for one that was not heard.
    mutating func meaning(ofShort short: UInt64) -> LabelMeaning? {
        if next >= entries.count || entries[next].short != short {
            guard let index = entries.firstIndex(where: { $0.short == short }) else { return nil }
            next = index
        }
        next += 1
        return entries[next - 1].meaning
    }

    /// The remembered meaning of a label, else the one that `resolve` finds.
    mutating func meaning(of key: JSONText, resolve: (String) -> LabelMeaning) -> LabelMeaning {
        let short = key.short
        if next < entries.count, entries[next].isLabel(key, short) {
            next += 1
            return entries[next - 1].meaning
        }
        if let index = entries.firstIndex(where: { $0.isLabel(key, short) }) {
            next = index + 1
            return entries[index].meaning
        }
        let label = key.string
        let meaning = resolve(label)
        // One that is spelled with escapes is never found again.
        if entries.count < Self.limit, label.utf8.count <= Self.labelLength, key.equals(label) {
            entries.append(Entry(label: label, meaning: meaning))
            next = entries.count
        }
        return meaning
    }

    /// Takes what was learned from the pool where it is the same as another device's.
    fileprivate mutating func replace(by entries: [Entry]) { self.entries = entries }
}

/// What labels mean, once for all devices of an adapter that have the same: thousands of readers run one script.
final class LabelPool: Sendable {
    private let known = Mutex<[[LabelMemory.Entry]]>([])
    /// So many different ones are looked through; a device beyond keeps its own.
    private static let limit = 64

    /// Replaces a memory that has grown by the same one of another device, or keeps it for others.
    func share(_ memory: inout LabelMemory) {
        let shared = known.withLock { known in
            if let same = known.first(where: { $0 == memory.entries }) { return same }
            // No more room than it needs: what grew has up to twice as much.
            let own = Array(unsafeUninitializedCapacity: memory.entries.count) { buffer, count in
                count = buffer.initialize(fromContentsOf: memory.entries)
            }
            if known.count < Self.limit { known.append(own) }
            return own
        }
        memory.replace(by: shared)
    }
}
