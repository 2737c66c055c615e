// SPDX-License-Identifier: Apache-2.0

/// Compares powers, voltages and currents of a reading with each other, and reports which of them are off by a power of
/// ten.
struct ScaleStep {
    /// The factors by which the numbers of a source are multiplied for a meter.
    static func factors(of meter: MeterState, _ source: Source) -> Factors {
        Factors(
            rule: source.scale, learned: source.scale.isAutomatic ? meter.scales.certain : [:], ct: meter.settings.ct)
    }

    func apply(_ draft: Draft, meter: inout MeterState, source: Source, _ journal: inout Journal) {
        guard meter.scales.isDue(draft.origin.received) else { return }
        var hasExport = false
        if case .number(let energy)? = meter.register(OBISCode(1, 0, 2, 8, 0))?.value.value {
            hasExport = !energy.isZero
        }
        let learned = Self.factors(of: meter, source).learned
        let evidence = ScaleEvidence(draft.registers, learned: learned, hasExport: hasExport)
        let changed = meter.scales.observe(evidence, at: draft.origin.received)
        guard !changed.isEmpty else { return }
        meter.isInfoStale = true
        for quantity in changed {
            journal.say(
                .scale(
                    meter: meter.id, quantity, power: meter.scales.certain[quantity],
                    isCorrected: source.scale.isAutomatic, place: source.place))
        }
    }
}
