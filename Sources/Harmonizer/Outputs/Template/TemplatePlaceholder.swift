// SPDX-License-Identifier: Apache-2.0

/// `{{alias}}`, with the operations on a number: `{{-power}}`, `{{power / 1000}}`, `{{current_l1 * 10 | round}}`,
/// `{{voltage_l1 | round 1}}`. Only powers of ten: digits move, none is made up.
struct TemplatePlaceholder: Sendable {
    let name: TemplateName
    private var isNegated = false
    private var power = 0
    private var decimals: Int?

    init(_ text: Substring, known: TemplateName.Known) throws(TemplateFault) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        var words = Self.words(parts[0])
        if let first = words.first, first.hasPrefix("-") {
            isNegated = true
            words[0] = String(first.dropFirst())
            if words[0].isEmpty { words.removeFirst() }
        }
        guard let first = words.first else { throw TemplateFault("{{\(text)}} names nothing") }
        guard let name = TemplateName(first, known: known) else {
            throw TemplateFault("unknown name \"\(first)\" in {{\(text)}}" + known.hint(first))
        }
        self.name = name
        if words.count > 1 {
            guard words.count == 3, let factor = Self.powers[words[2]], words[1] == "*" || words[1] == "/" else {
                throw TemplateFault("{{\(text)}}: write {{\(first) * 1000}} or {{\(first) / 1000}}, powers of ten only")
            }
            power = words[1] == "*" ? factor : -factor
        }
        for part in parts.dropFirst() {
            let words = Self.words(part)
            guard words.first == "round", words.count <= 2, let digits = words.count == 2 ? Int(words[1]) : 0,
                (0...9).contains(digits)
            else { throw TemplateFault("{{\(text)}}: only \"round\" or \"round 2\" can follow |") }
            decimals = digits
        }
        guard name.isRegister || (!isNegated && power == 0 && decimals == nil) else {
            throw TemplateFault("{{\(text)}}: \"\(first)\" is not a number of a meter; write {{\(first)}} alone")
        }
    }

    /// The text for a number.
    func text(_ number: ExactDecimal) -> String {
        var number = number.scaled(byPowerOfTen: power)
        if isNegated, let negated = ExactDecimal.zero.subtracting(number) { number = negated }
        return (decimals.map { number.rounded(toDecimals: $0) } ?? number).description
    }

    private static let powers: [String: Int] = [
        "1": 0, "10": 1, "100": 2, "1000": 3, "10000": 4, "100000": 5, "1000000": 6,
    ]

    private static func words(_ text: Substring) -> [String] {
        text.replacing("*", with: " * ").replacing("/", with: " / ").split(separator: " ").map(String.init)
    }
}
