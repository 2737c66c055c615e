// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// What a row of the index asks for, in the words of a telegram.
///
/// The index names everything that a frame says. What is no register but says who the meter is (ids, model, version of the list)
/// stands in other places of a telegram, and three things are left out on purpose: the object that pushes, the public key, and
/// what an id of a device behind the meter is filled with.
struct FramesExpectation {
    /// Frames that the index reads and the bridge refuses, with the reason: nothing in them proves what the numbers mean.
    static let refused = [
        "dlms-cosem-udp-glo": "list.unknown", "iskra-si-4": "list.unproven", "iskra-si-9-unknown": "list.unknown",
    ]

    private let entry: FramesCorpus.Entry

    init(_ entry: FramesCorpus.Entry) { self.entry = entry }

    /// What is different, a line each; empty when nothing is.
    func difference(from telegrams: [Telegram]) -> [String] {
        let wanted = wantedRegisters
        let found = telegrams.flatMap { $0.observations.map(Self.text) }
        var lines: [String] = []
        var rest = found
        for register in wanted {
            if let index = rest.firstIndex(where: { Self.isSame($0, register) }) {
                rest.remove(at: index)
            } else if !isElsewhere(register, telegrams) {
                lines.append("missing \(register)")
            }
        }
        lines += rest.filter { !Self.additions.contains("\(entry.name) \($0)") }.map { "not in the index: \($0)" }
        lines += identityDifference(from: telegrams) + timeDifference(from: telegrams)
        return lines
    }

    /// Registers that the bridge gives and the index does not name: the sign that the note of the index tells, and a counter of
    /// zero that its list of codes lacks.
    private static let additions: Set<String> = [
        "sml-emh-ed300l-consume 1-0:16.7.0=137.1 W", "sml-emh-ed300l-deliver 1-0:16.7.0=-126.6 W",
        "sml-emh-ehz-hw8 1-0:16.7.0=163.5 W", "linky-std-1 1-0:1.8.3=0 Wh",
    ]

    // MARK: - Registers

    private var wantedRegisters: [String] {
        var registers = entry["registers"].split(separator: "; ", omittingEmptySubsequences: true).map {
            String($0).trimmingSuffix(" ")
        }
        // Without its frame the list has the same scales, says the note.
        if entry.name == "carrier-ams-body" {
            registers = registers.map { register in
                let parts = register.split(separator: "=").map(String.init)
                guard parts.count == 2, let number = ExactDecimal(parts[1]) else { return register }
                let unit =
                    ["31", "51", "71"].contains { parts[0].contains(":\($0).7.0") }
                    ? "A" : ["32", "52", "72"].contains { parts[0].contains(":\($0).7.0") } ? "V" : nil
                if unit == "A" { return "\(parts[0])=\(number.scaled(byPowerOfTen: -2)) A" }
                let isReactive = parts[0].contains(":3.7.0") || parts[0].contains(":4.7.0")
                return "\(register) \(unit ?? (isReactive ? "var" : "W"))"
            }
        }
        return registers
    }

    private static func text(_ observation: Observation) -> String {
        switch observation.value {
        case .number(let number): "\(observation.obis)=\(number)\(observation.unit.map { " \($0)" } ?? "")"
        case .text(let text): "\(observation.obis)='\(text)'"
        case .list: "\(observation.obis)=list"
        }
    }

    /// Equal but for how the index writes things: object and attribute behind the code, `?` for no unit, octets as `x0002`.
    private static func isSame(_ found: String, _ wanted: String) -> Bool {
        if found == wanted { return true }
        guard let foundSign = found.firstIndex(of: "="), let wantedSign = wanted.firstIndex(of: "=") else {
            return false
        }
        let code = wanted[..<wantedSign].prefix { $0 != "/" }
        guard found[..<foundSign] == code else { return false }
        let one = String(found[found.index(after: foundSign)...])
        var other = String(wanted[wanted.index(after: wantedSign)...])
        if other.hasSuffix(" ?") { other.removeLast(2) }
        if other.hasSuffix(" deg") { other = other.dropLast(3) + "°" }
        if one == other || one == other + " 1" { return true }
        if other.hasPrefix("x"), let number = Int(other.dropFirst(), radix: 16) { return one == "\(number)" }
        // A structure, in the words of the index.
        if other.hasPrefix("[x") { return one == "'" + other.dropFirst(2).dropLast() + "'" }
        // P1 writes leading zeros, and units of its own.
        let numbers = [one, other].map { $0.split(separator: " ").first.flatMap { ExactDecimal(String($0)) } }
        let units = [one, other].map { $0.split(separator: " ").dropFirst().first.map(String.init) }
        return numbers[0] != nil && numbers[0] == numbers[1] && units[0] == units[1]
    }

    /// True for what a telegram has in another place, or what is left out on purpose.
    private func isElsewhere(_ register: String, _ telegrams: [Telegram]) -> Bool {
        guard let sign = register.firstIndex(of: "=") else { return false }
        let key = String(register[..<sign])
        let value = register[register.index(after: sign)...].trimmingCharacters("'").trimmingSuffix(" ?")
        let code = String(key.prefix { $0 != "/" })
        if key.hasSuffix("/40.1") || code.hasSuffix(":199.130.5") || code == "0-2:25.9.0" { return true }
        let ids = telegrams.flatMap { [$0.id?.text] + $0.submeters.map(\.id) }.compactMap(\.self)
        let models = telegrams.flatMap { [$0.model?.model, $0.model?.manufacturer] }.compactMap(\.self)
        switch code {
        case "id", "0-0:96.1.0", "1-1:0.0.5", "1-0:96.1.0", "1-0:0.0.9", "1-1:0.0.1", "0-1:96.1.0":
            return ids.contains { Self.isSameID($0, value) }
        case "0-2:96.1.0", "0-3:96.1.0", "0-4:96.1.0": return value == "x00"
        case "device", "0-0:42.0.0": return ids.contains(value) || models.contains(String(value.prefix(3)))
        case "model", "1-1:96.1.1", "0-0:96.1.7": return models.contains(value)
        case "0-0:96.1.1": return ids.contains(value) || ids.count == 1
        case "1-1:0.2.129", "1-0:0.2.129": return true
        case "129-129:199.130.3", "1-0:96.50.1*1": return models.contains(value)
        // The number printed on the meter, once more.
        case "1-0:0.0.0", "0-0:96.1.255": return true
        default: return false
        }
    }

    /// The text behind `x3132…`, without the NULs it is filled up with.
    private static func decoded(_ value: String) -> String {
        guard value.hasPrefix("x") else { return value }
        let digits = value.utf8.dropFirst().compactMap(\.hexadecimalDigit)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    // MARK: - Id and time

    private func identityDifference(from telegrams: [Telegram]) -> [String] {
        let wanted = entry["id"]
        guard !wanted.isEmpty, entry.name != "lg-e450-ch-mbus-registers" else { return [] }
        let found = telegrams.compactMap { $0.id?.text }
        guard let id = found.last else { return ["no id, \(wanted) in the index"] }
        // The index cut a digit off one id that ends in 0: its registers have it.
        let isAmongRegisters =
            entry["registers"].contains("0-0:96.1.0=x")
            && wantedRegisters.contains { register in
                register.hasPrefix("0-0:96.1.0=") && Self.isSameID(id, String(register.dropFirst(11)))
            }
        return Self.isSameID(id, wanted) || isAmongRegisters ? [] : ["id \(id), \(wanted) in the index"]
    }

    private static func isSameID(_ found: String, _ wanted: String) -> Bool {
        if found == wanted || found == decoded(wanted) { return true }
        let wanted = wanted.hasPrefix("x") ? String(wanted.dropFirst()) : wanted
        if found == wanted { return true }
        // 0A 01 'ISK' 00 and a number: printed as 1ISK00 and eight digits.
        guard wanted.count == 20, wanted.hasPrefix("0a01"), let number = Int(wanted.suffix(8), radix: 16) else {
            return false
        }
        let maker = decoded("x" + wanted.dropFirst(4).prefix(6))
        let digits = "\(number)"
        let block = wanted.dropFirst(10).prefix(2)
        return found == "1\(maker)\(block)" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// The clock of the index (`2021-11-25T23:01:00 dev=-60 st=00 dow=4`) against the telegram's.
    private func timeDifference(from telegrams: [Telegram]) -> [String] {
        let words = entry["time"].split(separator: " ").map(String.init)
        guard let clock = words.first, clock.first == "2", let time = telegrams.last?.time else {
            let isNone = entry["time"].isEmpty || ["sensor", "entry"].contains(words.first)
            if isNone {
                return telegrams.allSatisfy { $0.time == nil } || entry["link"] == "raw"
                    ? [] : ["a time, none in the index"]
            }
            return telegrams.last?.time == nil ? ["no time, \(entry["time"]) in the index"] : []
        }
        let deviation = words.first { $0.hasPrefix("dev=") }.map { $0.dropFirst(4) }.flatMap { Int($0) }
        let found: String
        switch time {
        case .instant(let instant): found = "\(instant + .minutes(Int64(-(deviation ?? 0))))"
        case .local(let wall), .seasonal(let wall, _): found = "\(wall)"
        case .invalid(let words): found = words
        }
        let digits = { (text: String) in text.filter(\.isNumber) }
        let wanted = digits(clock)
        return digits(found).hasPrefix(wanted) ? [] : ["time \(found), \(entry["time"]) in the index"]
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}

extension Substring {
    fileprivate func trimmingCharacters(_ character: Character) -> String {
        var text = self
        while text.first == character { text = text.dropFirst() }
        while text.last == character { text = text.dropLast() }
        return String(text)
    }
}
