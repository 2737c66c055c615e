// SPDX-License-Identifier: Apache-2.0

/// The factors by which the numbers of one source and one meter are multiplied.
struct Factors: Sendable {
    /// The source's `scale:`.
    var rule = ScaleRule()
    /// Powers of ten that the bridge is certain of (`scale: auto`).
    var learned: [Quantity: Int] = [:]
    /// The meter's current transformers.
    var ct = ExactDecimal(1)

    private static let one = ExactDecimal(1)

    /// True when nothing is multiplied: the usual case.
    var isEmpty: Bool { rule.registers.isEmpty && rule.quantities.isEmpty && learned.isEmpty && ct == Self.one }

    /// The factor that corrects a fault of the reader, with its rule; nil when there is none.
    func correction(_ obis: OBISCode, _ quantity: Quantity?) -> (ExactDecimal, Fix.Rule)? {
        if let factor = rule.factor(obis, quantity), factor != Self.one { return (factor, .scaleKnown) }
        guard let quantity, let power = learned[quantity], power != 0 else { return nil }
        return (ExactDecimal(1, exponent: power), .scaleAuto)
    }

    /// The transformers' factor for a register; nil when it does not depend on them.
    func transformers(_ quantity: Quantity?) -> ExactDecimal? {
        guard ct != Self.one, let quantity, quantity != .voltage else { return nil }
        return ct
    }
}
