// SPDX-License-Identifier: Apache-2.0
internal import ShippedFiles

extension LabelDictionary {
    /// The shipped dictionaries, gPlug first.
    public static let shipped: [LabelDictionary] = ShippedLabels.files.map { file in
        do {
            return try load(yaml: String(decoding: file.yaml, as: UTF8.self), path: file.name + ".yaml")
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// The shipped dictionary with that name in `labels:`; nil when there is none.
    public static func shipped(named name: String) -> LabelDictionary? { shipped.first { $0.name == name } }
}
