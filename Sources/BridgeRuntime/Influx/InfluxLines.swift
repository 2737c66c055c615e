// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import History

/// Writes InfluxDB's line protocol: `meter,meter=house energy_import=5123.4,power=42 1795905602000`.
struct InfluxLines {
    let measurement: String
    /// Returns the field name of a register; nil for its OBIS code.
    let alias: (OBISCode) -> String?

    /// The lines of a reading, with line ends: one for each time of its registers. Empty for a reading without a
    /// number.
    func lines(_ reading: HistoryReading) -> String {
        var lines: [(time: Timestamp, fields: [String])] = []
        for register in reading.registers {
            guard case .number(let value) = register.value else { continue }
            let time = register.time ?? reading.time
            let name = alias(register.obis) ?? register.obis.description
            let field = "\(Self.escaped(name, ", =\\"))=\(value)"
            if let index = lines.firstIndex(where: { $0.time == time }) {
                lines[index].fields.append(field)
            } else {
                lines.append((time, [field]))
            }
        }
        let head = "\(Self.escaped(measurement, ", \\")),meter=\(Self.escaped(reading.meter, ", =\\"))"
        return lines.map { time, fields in
            "\(head) \(fields.joined(separator: ",")) \(time.seconds * 1000 + Int64(time.microseconds) / 1000)\n"
        }.joined()
    }

    /// The text with a backslash before each character of `special`, and without line ends, which would start another
    /// line.
    private static func escaped(_ text: String, _ special: String) -> String {
        var escaped = ""
        for character in text {
            if character.isNewline { continue }
            if special.contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}
