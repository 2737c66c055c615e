// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The unit that a reader sends beside a value: it takes precedence over the mapping's, also when it measures another
/// quantity.
enum SentUnit {
    /// nil for words that mean no unit. An unknown unit is kept as a unit, so that its number is not read in the
    /// mapping's unit.
    static func unit(_ text: String) -> Unit? {
        let word = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let unit = Unit(word) { return unit }
        let key = word.lowercased()
        if silent.contains(key) { return nil }
        if let symbol = spelledOut[key.hasSuffix("s") ? String(key.dropLast()) : key] { return Unit(symbol) }
        return .asReceived(word)
    }

    /// The words that programs write for a missing unit.
    private static let silent: Set<String> = ["", "-", "none", "null", "n/a", "unknown", "unitless"]

    /// Units in words, without the plural s.
    private static let spelledOut: [String: String] = [
        "watt": "W", "kilowatt": "kW", "megawatt": "MW", "watt hour": "Wh", "watt-hour": "Wh", "watthour": "Wh",
        "kilowatt hour": "kWh", "kilowatt-hour": "kWh", "kilowatthour": "kWh", "kw/h": "kWh", "kw·h": "kWh",
        "kw h": "kWh", "volt": "V", "ampere": "A", "amp": "A", "hertz": "Hz", "volt-ampere": "VA", "voltampere": "VA",
        "m^3": "m³", "m**3": "m³", "cubic meter": "m³", "cubic metre": "m³", "cbm": "m³", "liter": "dm³",
        "litre": "dm³", "gigajoule": "GJ", "megajoule": "MJ", "celsiu": "°C", "second": "s", "sec": "s",
    ]
}
