// SPDX-License-Identifier: Apache-2.0

/// Reads the `guards` of a profile.
struct GuardsReader {
    func read(_ map: YAMLReader) -> GuardSettings {
        var map = map
        var settings = GuardSettings()
        var confirm = map.map("confirm", what: "confirm")
        settings.confirmMessages = confirm.number("messages", in: 1...10_000) ?? settings.confirmMessages
        settings.confirmAfter = confirm.span("after") ?? settings.confirmAfter
        confirm.finish()
        settings.maxPower = map.quantity("max_power", in: "W") ?? settings.maxPower
        settings.maxFlow = map.quantity("max_flow", in: "m³/h") ?? settings.maxFlow
        map.finish(synonyms: ["power": "max_power", "flow": "max_flow"])
        return settings
    }
}

extension YAMLReader {
    /// A number with its unit, such as `300 kW`, as a number in `symbol`; without a unit it is in `symbol` already.
    /// Never negative.
    package mutating func quantity(_ key: String, in symbol: String) -> ExactDecimal? {
        guard let node = node(key), !node.isNull, let text = node.text(key, problems: problems) else { return nil }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "e") }
        let word = text.dropFirst(digits.count).drop { $0 == " " }
        guard let target = Unit(symbol), let number = ExactDecimal(String(digits)),
            let power = word.isEmpty ? 0 : Unit(String(word))?.powerOfTen(to: target)
        else {
            problems.error(node.mark, "\"\(key)\" is a number of \(symbol) or its multiples, not \"\(text)\"")
            return nil
        }
        return number.scaled(byPowerOfTen: power)
    }
}
