// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The unit that a reader names beside a value: it counts before the mapping's, also where it measures something else.
enum SentUnit {
    /// Nil for words that name none. A unit that nobody knows is one all the same, so that its number is not taken for one in the
    /// mapping's unit.
    static func unit(_ text: String) -> Unit? {
        let word = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let unit = Unit(word) { return unit }
        let key = word.lowercased()
        if silent.contains(key) { return nil }
        if let symbol = spelledOut[key.hasSuffix("s") ? String(key.dropLast()) : key] { return Unit(symbol) }
        return .asReceived(word)
    }

    /// What programs write where there is no unit.
    private static let silent: Set<String> = ["", "-", "none", "null", "n/a", "unknown", "unitless"]

    /// Units in words, without the s of the plural.
    private static let spelledOut: [String: String] = [
        "watt": "W", "kilowatt": "kW", "megawatt": "MW", "watt hour": "Wh", "watt-hour": "Wh", "watthour": "Wh",
        "kilowatt hour": "kWh", "kilowatt-hour": "kWh", "kilowatthour": "kWh", "kw/h": "kWh", "kw·h": "kWh",
        "kw h": "kWh", "volt": "V", "ampere": "A", "amp": "A", "hertz": "Hz", "volt-ampere": "VA", "voltampere": "VA",
        "m^3": "m³", "m**3": "m³", "cubic meter": "m³", "cubic metre": "m³", "cbm": "m³", "liter": "dm³",
        "litre": "dm³", "gigajoule": "GJ", "megajoule": "MJ", "celsiu": "°C", "second": "s", "sec": "s",
    ]
}
