// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// The meaning of the groups from a French meter's port (Enedis-NOI-CPT_54E).
enum TICTelegram {
    /// The telegram of one frame; nil when a value is not valid, which the six-bit checksum does not always detect.
    static func telegram(_ frame: TICFrame, _ bytes: [UInt8]) -> Telegram? {
        var telegram = Telegram()
        var isSound = true
        frame.forEachGroup(in: bytes) { group in
            let label = text(bytes, group.label)
            switch label {
            case "ADCO", "ADSC":
                let id = text(bytes, group.value)
                telegram.id = RawID(id)
                if !isNumber(id) { isSound = false }
            case "DATE":
                let time = group.date.map { Self.time(text(bytes, $0)) } ?? .invalid("")
                if case .invalid = time { isSound = false }
                telegram.time = time
                telegram.clock = .meter
            default:
                guard let register = registers[label] else { return }
                let digits = text(bytes, group.value)
                guard isNumber(digits), let number = ExactDecimal(digits) else {
                    isSound = false
                    return
                }
                telegram.observations.append(Observation(register.code, .number(number), unit: register.unit))
            }
        }
        return isSound ? telegram : nil
    }

    private static func isNumber(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 }
    }

    /// `E200426181830`: E summer, H winter, lower case when the meter's clock is not synchronised.
    private static func time(_ text: String) -> RawTime {
        let digits = text.utf8.dropFirst().map { Int($0) - 48 }
        guard digits.count == 12, digits.allSatisfy({ (0...9).contains($0) }),
            let season = text.utf8.first.map({ $0 & 0xDF }), season == UInt8(ascii: "E") || season == UInt8(ascii: "H")
        else { return .invalid(text) }
        let fields = stride(from: 0, to: 12, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        guard
            let wall = WallTime(
                year: 2000 + fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4],
                second: fields[5])
        else { return .invalid(text) }
        return .seasonal(wall, isSummer: season == UInt8(ascii: "E"))
    }

    /// The text without parity bits, for a line that was read as 8N1.
    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range].map { $0 & 0x7F }, as: UTF8.self)
    }

    private static let registers: [String: (code: OBISCode, unit: Unit?)] = {
        var registers: [String: (OBISCode, Unit?)] = [:]
        func add(_ label: String, _ code: OBISCode, _ unit: String) { registers[label] = (code, Unit(unit)) }
        // Historic mode: the counters of each tariff.
        add("BASE", OBISCode(1, 0, 1, 8, 0), "Wh")
        for (index, label) in ["HCHC", "HCHP"].enumerated() { add(label, tariff(index + 1), "Wh") }
        for (index, label) in ["EJPHN", "EJPHPM"].enumerated() { add(label, tariff(index + 1), "Wh") }
        for (index, label) in ["BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR", "BBRHPJR"].enumerated() {
            add(label, tariff(index + 1), "Wh")
        }
        add("PAPP", OBISCode(1, 0, 9, 7, 0), "VA")
        add("IINST", OBISCode(1, 0, 31, 7, 0), "A")
        for phase in 0..<3 {
            let base = UInt8(20 * phase)
            add("IINST\(phase + 1)", OBISCode(1, 0, 31 + base, 7, 0), "A")
            add("IRMS\(phase + 1)", OBISCode(1, 0, 31 + base, 7, 0), "A")
            add("URMS\(phase + 1)", OBISCode(1, 0, 32 + base, 7, 0), "V")
            add("SINSTS\(phase + 1)", OBISCode(1, 0, 29 + base, 7, 0), "VA")
        }
        // Standard mode.
        add("EAST", OBISCode(1, 0, 1, 8, 0), "Wh")
        add("EAIT", OBISCode(1, 0, 2, 8, 0), "Wh")
        for index in 1...10 { add(index < 10 ? "EASF0\(index)" : "EASF10", tariff(index), "Wh") }
        for index in 1...4 { add("ERQ\(index)", OBISCode(1, 0, UInt8(4 + index), 8, 0), "varh") }
        add("SINSTS", OBISCode(1, 0, 9, 7, 0), "VA")
        add("SINSTI", OBISCode(1, 0, 10, 7, 0), "VA")
        return registers
    }()

    private static func tariff(_ number: Int) -> OBISCode { OBISCode(1, 0, 1, 8, UInt8(number)) }
}
