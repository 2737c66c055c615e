// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The user's own mappings and label dictionaries, which are found by name and recognised like the shipped ones.
public struct OwnReaders: Sendable, Equatable {
    /// Mappings: `adapter: NAME`.
    public var mappings: [FieldMapping]
    /// Dictionaries: `labels: NAME`.
    public var labels: [LabelDictionary]

    /// Creates a collection.
    public init(mappings: [FieldMapping] = [], labels: [LabelDictionary] = []) {
        self.mappings = mappings
        self.labels = labels
    }

    /// Adds a dictionary from the user's folder: without conditions of its own it may be guessed for any script.
    public mutating func add(_ dictionary: LabelDictionary) {
        var dictionary = dictionary
        if dictionary.guess.adapters.isEmpty { dictionary.guess.adapters = [TasmotaAdapter.general] }
        labels.append(dictionary)
    }

    /// True when there are none.
    public var isEmpty: Bool { mappings.isEmpty && labels.isEmpty }

    /// The adapter for a mapping; nil when none has that name.
    public func adapter(_ name: String) -> (any Adapter)? {
        mappings.first { $0.name == name }.map { MappedAdapter(name: $0.name, mapping: $0) }
    }
}
