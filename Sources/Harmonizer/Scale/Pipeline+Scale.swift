// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// By what the numbers of a device are multiplied for a meter.
    func factors(device index: Int, meter: Int) -> Factors {
        let rule = setup.settings.sources[devices[index].device.source].scale
        return Factors(
            rule: rule, learned: rule.isAutomatic ? meters[meter].scales.certain : [:], ct: meters[meter].ct)
    }

    /// Compares powers, voltages and currents of a reading with each other, and says which of them are off by a power of ten.
    mutating func watchScale(of reading: Reading, device index: Int, meter: Int) {
        guard meters[meter].scales.isDue(reading.received) else { return }
        let exported = meters[meter].register(OBISCode(1, 0, 2, 8, 0))
        var hasExport = false
        if case .number(let energy)? = exported?.value.value { hasExport = !energy.isZero }
        let learned = factors(device: index, meter: meter).learned
        let evidence = ScaleEvidence(reading, learned: learned, hasExport: hasExport)
        let changed = meters[meter].scales.observe(evidence, at: reading.received)
        guard !changed.isEmpty else { return }
        meters[meter].isInfoStale = true
        for quantity in changed { sayScale(of: quantity, device: index, meter: meter) }
    }

    private mutating func sayScale(of quantity: Quantity, device index: Int, meter: Int) {
        let source = source(of: index)
        let power = meters[meter].scales.certain[quantity] ?? 0
        let words = [
            Quantity.voltage: "voltages", .current: "currents", .power: "total powers",
            .phasePower: "powers of the phases",
            .energy: "energies",
        ]
        let subject = "meter \(meters[meter].id): its \(words[quantity] ?? "")"
        guard power != 0 else {
            say(Diagnostic(.info, "\(subject) are right again"))
            return
        }
        let factor = ExactDecimal(1, exponent: power)
        let size = ExactDecimal(1, exponent: abs(power))
        let fault = "\(subject) are \(size) times too \(power > 0 ? "small" : "large"), by U, I and P of an hour"
        let place = source.place.map { " at \($0)" } ?? ""
        let consequence =
            source.scale.isAutomatic
            ? "they are multiplied by \(factor) from now on (scale: auto\(place))"
            : "write \"scale: {\(quantity.rawValue): \(factor)}\" or \"scale: auto\"\(place)"
        say(Diagnostic(.warning, "\(fault); \(consequence)"))
    }
}
