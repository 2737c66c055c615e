// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// All adapters: a new vendor is one file and one line here, or one mapping and one line in `ShippedMappings`.
///
/// Swift cannot register types at load time, hence the explicit list.
public enum AdapterRegistry {
    /// The name of each adapter and the function that makes one.
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

    /// The names of a reader's values in its topics, from the mapping, if any; some contain a `+`.
    public static func fieldNames(of adapter: any Adapter) -> [String] {
        (adapter as? MappedAdapter)?.mapping.fields.compactMap { $0.key.name?.text } ?? []
    }

    /// Adapters for what meters send themselves, through a serial cable or a socket, the most specific first.
    public static let ofMeters = ["p1", "frames"]

    /// True for the adapter that needs a `mapping`, an option of no other adapter.
    public static func takesMapping(_ name: String?) -> Bool { name == MappedAdapter.general }

    /// The adapter with that name in `bridge.yaml`; nil for an unknown name.
    public static func make(_ name: String, options: AdapterOptions = AdapterOptions()) -> (any Adapter)? {
        all.first { $0.name == name }?.make(options)
    }
}

// The options that concern each vendor: no other code knows both.

extension P1Adapter {
    /// Creates an adapter; it uses the options `crc` and `keys`.
    public init(options: AdapterOptions = AdapterOptions()) { self.init(crc: options.crc, keys: options.keys) }
}

extension FramesAdapter {
    /// Creates an adapter; it uses the options for keys, `authentication`, `crc` and `lists`.
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
