// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Reports fields of a user's own mapping that never arrive, for the commands that test a mapping.
public struct MappingAdvice: Sendable {
    private let mapping: FieldMapping
    private var review: FieldReview
    private var count = 0

    /// nil unless the adapter is a user's mapping: a shipped one has fields for several firmware versions.
    public init?(_ adapter: any Adapter) {
        guard let mapping = (adapter as? MappedAdapter)?.mapping, !mapping.isShipped, !mapping.fields.isEmpty else {
            return nil
        }
        self.mapping = mapping
        review = FieldReview(mapping)
    }

    /// Takes one message of the source.
    public mutating func hear(_ message: RawMessage) {
        count += 1
        let root = JSONShape.isStructured(message.payload) ? try? JSONDocument.parse(message.payload).root : nil
        review.note(name: mapping.place(of: message.topic)?.name, root: root)
    }

    /// `in 6 messages there was no /P_in, which the mapping reader reads`; nil while every field was there.
    public var sentence: String? {
        let missing = review.missing
        guard count > 0, !missing.isEmpty else { return nil }
        let names =
            missing.prefix(12).joined(separator: ", ") + (missing.count > 12 ? " and \(missing.count - 12) more" : "")
        let messages = count == 1 ? "this message there is" : "\(count) messages there was"
        return "in \(messages) no \(names), which the mapping \(mapping.name) reads"
    }
}
