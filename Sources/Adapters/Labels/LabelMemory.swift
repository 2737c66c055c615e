// SPDX-License-Identifier: Apache-2.0
import Harmonizer
internal import Synchronization

/// The meanings of a device's labels, found without creating a string for each label.
///
/// A reader sends its labels in the same order every time, so that the next one is nearly always at the expected
/// position.
struct LabelMemory {
    /// Maximum number of labels: a device that invents labels must not fill the memory.
    static let limit = 256
    /// Maximum length of a remembered label in bytes, longer than any script's.
    static let labelLength = 64

    /// A label and its meaning.
    struct Entry: Equatable {
        let label: String
        let meaning: LabelMeaning
        /// The bytes of a short label, for a comparison in one step.
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

    /// The remembered meaning of a short label; nil for a label that was not received.
    mutating func meaning(ofShort short: UInt64) -> LabelMeaning? {
        if next >= entries.count || entries[next].short != short {
            guard let index = entries.firstIndex(where: { $0.short == short }) else { return nil }
            next = index
        }
        next += 1
        return entries[next - 1].meaning
    }

    /// The remembered meaning of a label, otherwise the result of `resolve`.
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
        // A label written with escapes would never be found again.
        if entries.count < Self.limit, label.utf8.count <= Self.labelLength, key.equals(label) {
            entries.append(Entry(label: label, meaning: meaning))
            next = entries.count
        }
        return meaning
    }

    /// Uses the pool's array of an equal memory.
    fileprivate mutating func replace(by entries: [Entry]) { self.entries = entries }
}

/// The meanings of labels, shared by all devices of an adapter with the same labels: thousands of readers run one
/// script.
final class LabelPool: Sendable {
    private let known = Mutex<[[LabelMemory.Entry]]>([])
    /// Maximum number of different memories to search; devices beyond it keep their own.
    private static let limit = 64

    /// Replaces a memory that has grown by an equal one of another device, or keeps it for other devices.
    func share(_ memory: inout LabelMemory) {
        let shared = known.withLock { known in
            if let same = known.first(where: { $0 == memory.entries }) { return same }
            // Copies without spare capacity: an array that grew has up to twice as much as needed.
            let own = Array(unsafeUninitializedCapacity: memory.entries.count) { buffer, count in
                count = buffer.initialize(fromContentsOf: memory.entries)
            }
            if known.count < Self.limit { known.append(own) }
            return own
        }
        memory.replace(by: shared)
    }
}
