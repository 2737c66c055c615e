// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Mappings and label dictionaries of the user's own, which are found by name and recognised like the shipped ones.
public struct OwnReaders: Sendable, Equatable {
    /// Mappings: `adapter: NAME`.
    public var mappings: [FieldMapping]
    /// Dictionaries: `labels: NAME`.
    public var labels: [LabelDictionary]

    /// Makes a collection.
    public init(mappings: [FieldMapping] = [], labels: [LabelDictionary] = []) {
        self.mappings = mappings
        self.labels = labels
    }

    /// Adds a dictionary that lies where own ones lie: one that says nothing else may be guessed for any script.
    public mutating func add(_ dictionary: LabelDictionary) {
        var dictionary = dictionary
        if dictionary.guess.adapters.isEmpty { dictionary.guess.adapters = [TasmotaAdapter.general] }
        labels.append(dictionary)
    }

    /// True without any.
    public var isEmpty: Bool { mappings.isEmpty && labels.isEmpty }

    /// The adapter of a mapping; nil when none has that name.
    public func adapter(_ name: String) -> (any Adapter)? {
        mappings.first { $0.name == name }.map { MappedAdapter(name: $0.name, mapping: $0) }
    }
}
