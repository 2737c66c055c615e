// SPDX-License-Identifier: Apache-2.0
internal import ShippedFiles
internal import Synchronization

extension FieldMapping {
    /// The shipped mappings. `discover` uses all of them; a bridge reads only those of its sources.
    public static let shipped: [FieldMapping] = ShippedMappings.files.map { shipped($0.name, $0.yaml) }

    /// Their names, without reading them.
    public static let shippedNames = ShippedMappings.files.map(\.name)

    /// The shipped mapping with that name; nil when there is none.
    public static func shipped(named name: String) -> FieldMapping? {
        ShippedMappings.files.first { $0.name == name }.map { shipped($0.name, $0.yaml) }
    }

    private static func shipped(_ name: String, _ yaml: [UInt8]) -> FieldMapping {
        if let known = read.withLock({ $0[name] }) { return known }
        do {
            var mapping = try load(yaml: String(decoding: yaml, as: UTF8.self), path: name + ".yaml")
            mapping.isShipped = true
            return read.withLock { [mapping] known in
                known[name] = mapping
                return mapping
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// The mappings read so far, each read once.
    private static let read = Mutex<[String: FieldMapping]>([:])

    /// The mapping of a `json` source that names none; it has no fields.
    static let empty = FieldMapping(name: MappedAdapter.general)
}
