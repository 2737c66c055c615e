// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension OwnReaders {
    /// All probes, the user's own first.
    var probes: [Probe] {
        let options = AdapterOptions(candidates: labels)
        let shipped = AdapterRegistry.all.map { Probe(adapter: $0.make(options)) }
        return mappings.map { Probe(adapter: MappedAdapter(name: $0.name, mapping: $0)) } + shipped
    }
}
