// SPDX-License-Identifier: Apache-2.0
internal import ShippedFiles

extension PushList {
    /// The shipped lists.
    public static let shipped: [PushList] = ShippedLists.files.flatMap { file in
        do {
            return try load(yaml: String(decoding: file.yaml, as: UTF8.self), path: file.name + ".yaml")
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// The shipped list with that name; nil when there is none.
    public static func shipped(named name: String) -> PushList? { shipped.first { $0.name == name } }
}
