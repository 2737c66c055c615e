// SPDX-License-Identifier: Apache-2.0

/// `scale:` of a source: the factors that correct numbers which the reader, or the meter, sends wrong.
public struct ScaleRule: Sendable, Equatable {
    /// Factors of single registers, which take precedence over `quantities`.
    public var registers: [OBISCode: ExactDecimal]
    /// Factors by quantity.
    public var quantities: [Quantity: ExactDecimal]
    /// True when the bridge may find the power of ten itself.
    public var isAutomatic: Bool
    /// Where it is declared: `bridge.yaml:4`.
    public var place: String?

    /// Makes a rule; without arguments one that changes nothing.
    public init(
        registers: [OBISCode: ExactDecimal] = [:], quantities: [Quantity: ExactDecimal] = [:],
        isAutomatic: Bool = false,
        place: String? = nil
    ) {
        self.registers = registers
        self.quantities = quantities
        self.isAutomatic = isAutomatic
        self.place = place
    }

    /// The factor of a register; nil when it is right as it is.
    func factor(_ obis: OBISCode, _ quantity: Quantity?) -> ExactDecimal? {
        if let factor = registers[obis] { return factor }
        guard let quantity else { return nil }
        return quantities[quantity] ?? quantities[quantity.general]
    }

    /// The factors in one line, independent of the order in which they were written.
    var text: String {
        let factors =
            registers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            + quantities.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue)=\($0.value)" }
        return (factors + (isAutomatic ? ["auto"] : [])).joined(separator: " ")
    }

    /// Both rules; when both have a factor, that of `other`.
    public func merged(with other: ScaleRule) -> ScaleRule {
        ScaleRule(
            registers: registers.merging(other.registers) { $1 },
            quantities: quantities.merging(other.quantities) { $1 },
            isAutomatic: isAutomatic || other.isAutomatic, place: other.place ?? place)
    }

    /// Reads a mapping of quantities and OBIS codes to factors; the keys in `other` are not factors.
    package static func read(_ map: inout YAMLReader, besides other: Set<String> = []) -> ScaleRule {
        var rule = ScaleRule(place: map.mark.lineReference)
        for quantity in Quantity.allCases { rule.quantities[quantity] = map.factor(quantity.rawValue) }
        for key in map.keys where !other.contains(key) && Quantity(rawValue: key) == nil {
            if let obis = ProfileLoader.obis(key) { rule.registers[obis] = map.factor(key) }
        }
        return rule
    }
}

extension YAMLReader {
    /// A number above zero.
    public mutating func factor(_ key: String) -> ExactDecimal? {
        guard let node = node(key), !node.isNull, let text = node.text(key, problems: problems) else { return nil }
        if let factor = ExactDecimal(text), factor > .zero { return factor }
        problems.error(node.mark, "\"\(key)\" is a number above 0, not \"\(text)\"")
        return nil
    }
}
