// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The meanings of the labels that a device has sent, found again without a text being made of them.
///
/// A reader sends its labels in the same order every time, so that the next one is nearly always where it is looked for.
struct LabelMemory {
    /// A device that invents labels must not fill the memory.
    static let limit = 256
    /// Nor may labels longer than any script's.
    static let labelLength = 64

    /// A label and its meaning.
    struct Entry {
        let label: String
        let meaning: LabelMeaning
    }

    /// The labels in the order of their first appearance.
    private(set) var entries: [Entry] = []
    private var next = 0

    /// The remembered entry of a label, else a new one with the meaning that `resolve` finds.
    mutating func entry(of key: JSONText, resolve: (String) -> LabelMeaning) -> Entry {
        if next < entries.count, key.equals(entries[next].label) {
            next += 1
            return entries[next - 1]
        }
        if let index = entries.firstIndex(where: { key.equals($0.label) }) {
            next = index + 1
            return entries[index]
        }
        let label = key.string
        let entry = Entry(label: label, meaning: resolve(label))
        // One that is spelled with escapes is never found again.
        if entries.count < Self.limit, label.utf8.count <= Self.labelLength, key.equals(label) {
            entries.append(entry)
            next = entries.count
        }
        return entry
    }
}
