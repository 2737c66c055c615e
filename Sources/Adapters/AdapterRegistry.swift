// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Every adapter there is: a new vendor is one file and one line here, or one mapping and one line in `ShippedMappings`.
///
/// Swift has no registration at load time; the explicit list is the honest form.
public enum AdapterRegistry {
    /// The name of each adapter with what makes one.
    public static let all: [(name: String, make: @Sendable (AdapterOptions) -> any Adapter)] = formats + mappings

    private static let formats: [(name: String, make: @Sendable (AdapterOptions) -> any Adapter)] = [
        ("avans", { AvansAdapter(crc: $0.crc, keys: $0.keys) }),
        ("frames", { FramesAdapter(options: $0) }),
        ("gplug", { TasmotaAdapter(name: "gplug", options: $0) }),
        (MappedAdapter.general, { MappedAdapter(name: MappedAdapter.general, mapping: $0.mapping ?? .empty) }),
        ("p1", { P1Adapter(options: $0) }),
        ("smartmeter-datacollector", { _ in SmartmeterDatacollector() }),
        (TasmotaAdapter.general, { TasmotaAdapter(name: TasmotaAdapter.general, options: $0) }),
    ]

    private static let mappings: [(name: String, make: @Sendable (AdapterOptions) -> any Adapter)] =
        FieldMapping.shippedNames.map { name in
            (name, { _ in MappedAdapter(name: name, mapping: FieldMapping.shipped(named: name) ?? .empty) })
        }

    /// What the topics of a reader call its values, where a mapping has names for them; a `+` stands in some.
    public static func fieldNames(of adapter: any Adapter) -> [String] {
        (adapter as? MappedAdapter)?.mapping.fields.compactMap { $0.key.name?.text } ?? []
    }

    /// What meters send by themselves, through a serial cable or a socket, the most particular first.
    public static let ofMeters = ["p1", "frames"]

    /// True for the adapter that reads nothing without a `mapping`, which belongs to no other.
    public static func takesMapping(_ name: String?) -> Bool { name == MappedAdapter.general }

    /// An adapter by its name in `bridge.yaml`; nil for a name that is not in the list.
    public static func make(_ name: String, options: AdapterOptions = AdapterOptions()) -> (any Adapter)? {
        all.first { $0.name == name }?.make(options)
    }
}

// What of the options concerns each vendor: the only place that knows both.

extension P1Adapter {
    /// Makes an adapter; of the options, `crc` and `keys` concern it.
    public init(options: AdapterOptions = AdapterOptions()) { self.init(crc: options.crc, keys: options.keys) }
}

extension FramesAdapter {
    /// Makes an adapter; of the options, keys, `authentication`, `crc` and `lists` concern it.
    public init(options: AdapterOptions = AdapterOptions()) {
        self.init(
            FrameOptions(crc: options.crc, keys: options.keys, frameKeys: options.frameKeys, lists: options.lists))
    }
}

extension TasmotaAdapter {
    init(name: String, options: AdapterOptions) {
        self.init(name: name, labels: options.labels, groups: options.groups, own: options.candidates)
    }
}
