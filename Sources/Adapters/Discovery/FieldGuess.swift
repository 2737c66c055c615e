// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// A guess about a field of an unknown reader from its name and value: a proposal for a person to check; the program
/// never relies on it.
struct FieldGuess: Equatable {
    /// The text after the field in a mapping.
    var words: String
    /// True for an energy, a power or a volume; a meter needs at least one of these.
    var isMain = false
    /// True for an energy or a volume.
    var isCounter: Bool { isMain && !words.contains(".7.") }

    /// nil for a field that does not look like a meter's.
    init?(name: String, value: String) {
        let tokens = Self.tokens(name)
        let number = ExactDecimal(value)
        func has(_ words: String...) -> Bool { words.contains(where: tokens.contains) }
        if has("time", "timestamp", "datetime", "date", "ts", "clock", "zeit", "lastseen", "epoch", "uhrzeit") {
            guard Self.isTime(value, number) else { return nil }
            words = "clock"
            return
        }
        if has(
            "serial", "serialnumber", "sn", "meterid", "serverid", "meternumber", "zaehlernummer", "equipmentid", "mpan"
        ) {
            words = "id"
            return
        }
        guard let number,
            !has(
                "rssi", "uptime", "up", "heap", "lqi", "linkquality", "temp", "temperature", "battery", "price", "cost")
        else { return nil }
        let isExport = has(
            "export", "out", "returned", "produced", "production", "einspeisung", "injection", "injected", "lieferung",
            "minus", "negative", "feed", "reverse", "teruglevering", "exported", "po", "eo", "einsp", "delivery")
        let isImport = has(
            "import", "in", "bezug", "consumed", "consumption", "verbrauch", "plus", "positive", "imported", "forward",
            "pi",
            "ei", "usage", "use", "abbonamento")
        let phase = (1...3).first {
            has("l\($0)", "phase\($0)", "p\($0)", "ph\($0)", "\($0)", ["a", "b", "c"][$0 - 1])
        }
        let isKilo = has("kw", "kwh")
        if has("water", "wasser", "eau", "agua") || has("m3", "liter", "liters", "litres") && !has("gas") {
            words = "8-0:1.0.0 \(has("liter", "liters", "litres", "l") ? "l" : "m3")"
            isMain = true
        } else if has("gas"), !has("time") {
            words = "7-0:3.0.0 m3"
            isMain = true
        } else if has("volt", "voltage", "spannung", "tension", "u", "vrms", "urms"), number > ExactDecimal(40),
            number < ExactDecimal(500)
        {
            words = "1-0:\(12 + 20 * (phase ?? 1)).7.0 V"
        } else if has("frequency", "freq", "hz", "frequenz") {
            words = "1-0:14.7.0 Hz"
        } else if has(
            "power", "watt", "watts", "w", "kw", "leistung", "puissance", "potencia", "momentanleistung", "wirkleistung"
        ) {
            let base = isExport ? 2 : isImport ? 1 : 16
            let code = phase.map { base + 20 * $0 } ?? base
            words = "1-0:\(code).7.0 \(isKilo ? "kW" : "W")"
            isMain = true
        } else if has("current", "amp", "ampere", "amps", "strom", "irms", "a", "i"),
            number.magnitude < ExactDecimal(500)
        {
            words = "1-0:\(11 + 20 * (phase ?? 1)).7.0 A"
        } else if has(
            "energy", "kwh", "wh", "total", "counter", "zaehlerstand", "wirkenergie", "energie", "energia", "reading",
            "consumed",
            "consumption", "verbrauch", "bezug", "einspeisung", "produced", "delivered", "returned", "import", "export",
            "index",
            "imported", "exported", "usage"), !number.isNegative
        {
            let tariff =
                has("t1", "tariff1", "nt", "low", "hc", "tarif1", "1") && !has("l1")
                ? 1
                : has("t2", "tariff2", "ht", "high", "hp", "tarif2", "2") && !has("l2") ? 2 : 0
            let isWh = has("wh") || !isKilo && number > ExactDecimal(500_000)
            words = "1-0:\(isExport ? 2 : 1).8.\(tariff) \(isWh ? "Wh" : "kWh")"
            isMain = true
        } else {
            return nil
        }
    }

    /// `activePower_L1` becomes active, power, l1, and the first two joined: activepower.
    private static func tokens(_ name: String) -> Set<String> {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in name {
            guard character.isLetter || character.isNumber else {
                words.append(word)
                (word, wasLower) = ("", false)
                continue
            }
            if character.isUppercase, wasLower {
                words.append(word)
                word = ""
            }
            word += character.lowercased()
            wasLower = character.isLowercase || character.isNumber
        }
        words.append(word)
        let pairs = zip(words, words.dropFirst()).map { $0 + $1 }
        return Set((words + pairs).filter { !$0.isEmpty })
    }

    private static func isTime(_ value: String, _ number: ExactDecimal?) -> Bool {
        if RFC3339.parse(value) != nil { return true }
        guard let number else { return false }
        let seconds = number > ExactDecimal(100_000_000_000) ? number.scaled(byPowerOfTen: -3) : number
        return seconds > ExactDecimal(1_400_000_000) && seconds < ExactDecimal(4_000_000_000)
    }
}
