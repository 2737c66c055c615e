// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The text after a field in a mapping: `1-0:1.7.0 kW`, `id`, `clock p1`, `time of 0-1:24.2.1`, `submeter 1 id`.
struct FieldWords {
    let problems: ProblemList

    func meaning(_ words: String, at mark: SourceMark) -> FieldMapping.Meaning? {
        let parts = words.split(separator: " ").map(String.init)
        switch parts.first {
        case "id" where parts.count == 1: return .id(isHexadecimalText: false)
        case "hexadecimal" where parts == ["hexadecimal", "id"]: return .id(isHexadecimalText: true)
        case "ignored" where parts.count == 1: return .ignored
        case "manufacturer" where parts.count == 1: return .manufacturer
        case "model" where parts.count == 1: return .model
        case "channel" where parts.count == 1: return .channel
        case "season" where parts.count == 1: return .season
        case "code" where parts.count == 1: return .code
        case "value" where parts.count == 1: return .value
        case "unit" where parts.count == 1: return .unit
        case "clock" where parts.count <= 2: return form(parts.dropFirst().first, at: mark).map { .clock($0) }
        case "time" where parts.count >= 3 && parts[1] == "of" && parts.count <= 4:
            guard let code = OBISCode(parts[2]) else {
                problems.error(mark, "\"\(parts[2])\" is not a register")
                return nil
            }
            return form(parts.dropFirst(3).first, at: mark).map { .time(of: code, $0) }
        case "submeter" where parts.count == 3:
            guard let channel = Int(parts[1]), (1...255).contains(channel), ["id", "type"].contains(parts[2]) else {
                problems.error(mark, "\"\(words)\" is neither submeter 1 id nor submeter 1 type")
                return nil
            }
            return parts[2] == "id" ? .submeterID(channel: channel) : .submeterType(channel: channel)
        default:
            let others = [
                "id", "hexadecimal id", "clock", "time of CODE", "submeter 1 id", "submeter 1 type", "manufacturer",
                "model", "channel", "season", "code", "value", "unit", "ignored",
            ]
            if parts.count == 2, let code = OBISCode(parts[0]), let foreign = ForeignUnit.unit(parts[1]) {
                let register = FieldMapping.Register(code: code, unit: foreign.unit, factor: foreign.factor)
                return checked(register, words, at: mark)
            }
            let read = RegisterWords(problems: problems).read(words, others: others, at: mark)
            return read.flatMap { checked(FieldMapping.Register(code: $0.code, unit: $0.unit), words, at: mark) }
        }
    }

    /// Checks the unit: an energy in kW is a mistake in the file.
    private func checked(_ register: FieldMapping.Register, _ words: String, at mark: SourceMark) -> FieldMapping
        .Meaning?
    {
        if let wanted = register.code.dimension, let unit = register.unit, unit.dimension != wanted,
            !(wanted == .ratio && unit.dimension == .other)
        {
            let usual = CodeUnits().meaning(of: register.code)
            var hint = ""
            if case .register(let known) = usual, let unit = known.unit {
                hint = ", which is counted in \(unit) or the like"
            }
            problems.error(mark, "\"\(words)\": \(unit) does not measure what \(register.code) is\(hint)")
            return nil
        }
        return .register(register)
    }

    private func form(_ word: String?, at mark: SourceMark) -> FieldTime.Form? {
        guard let word else { return .any }
        if let form = FieldTime.Form(rawValue: word) { return form }
        let all = FieldTime.Form.allCases.map(\.rawValue)
        problems.error(mark, "unknown form of a time \"\(word)\"" + NearestWord.hint(word, in: all))
        return nil
    }
}
