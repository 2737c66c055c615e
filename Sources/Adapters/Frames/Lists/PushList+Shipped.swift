// SPDX-License-Identifier: Apache-2.0
internal import ShippedFiles

extension PushList {
    /// The lists that come with the program.
    public static let shipped: [PushList] = ShippedLists.files.flatMap { file in
        do {
            return try load(yaml: String(decoding: file.yaml, as: UTF8.self), path: file.name + ".yaml")
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// The list of that name; nil when none has it.
    public static func shipped(named name: String) -> PushList? { shipped.first { $0.name == name } }
}
