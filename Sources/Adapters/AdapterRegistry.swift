// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Every adapter there is: a new vendor is one file and one line here.
///
/// Swift has no registration at load time; the explicit list is the honest form.
public enum AdapterRegistry {
    /// The name of each adapter with what makes one.
    public static let all: [(name: String, make: @Sendable (AdapterOptions) -> any Adapter)] = [
        ("gplug", { TasmotaAdapter(name: "gplug", options: $0) }),
        ("p1", { P1Adapter(options: $0) }),
        ("smartmeter-datacollector", { _ in SmartmeterDatacollector() }),
        ("tasmota", { TasmotaAdapter(name: "tasmota", options: $0) }),
    ]

    /// An adapter by its name in `bridge.yaml`; nil for a name that is not in the list.
    public static func make(_ name: String, options: AdapterOptions = AdapterOptions()) -> (any Adapter)? {
        all.first { $0.name == name }?.make(options)
    }
}
