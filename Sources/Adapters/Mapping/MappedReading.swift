// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Codes and units that a device sent for other fields: `chn0/id 1-0:1.8.0*255`, `power/unit kW`.
struct FieldLinks: Sendable, Equatable {
    /// Maximum number of linked words per device; a device may invent any number.
    private static let limit = 256
    /// Codes and units by the words that matched `+`.
    private(set) var codes: [String: OBISCode] = [:]
    private(set) var units: [String: Unit] = [:]

    mutating func note(_ code: OBISCode, for word: String) {
        if codes[word] != nil || codes.count < Self.limit { codes[word] = code }
    }

    mutating func note(_ unit: Unit, for word: String) {
        if units[word] != nil || units.count < Self.limit { units[word] = unit }
    }

    /// The unit sent for a field: by its name, or by the levels before its last.
    func unit(for name: String) -> Unit? {
        if units.isEmpty { return nil }
        return units[name] ?? name.lastIndex(of: "/").flatMap { units[String(name[..<$0])] }
    }
}

/// Collects the values of the fields in one message.
struct MappedReading {
    private let mapping: FieldMapping
    private let keepsRaw: Bool
    private(set) var telegram = Telegram()
    private(set) var remarks: [Remark] = []
    /// Number of fields known to the mapping, with or without a value.
    private(set) var known = 0
    private(set) var submeterIDs: [Int: String] = [:]
    private(set) var submeterTypes: [Int: Int64] = [:]
    /// M-Bus registers with their channel.
    private(set) var channels: Set<OBISCode>
    private var times: [OBISCode: RawTime] = [:]
    /// The M-Bus channel of the message, 0 for the meter; nil when the message does not contain it.
    private(set) var channel: UInt8?
    private var isSummer: Bool?
    /// Codes and units from other messages of the device.
    var links = FieldLinks()
    /// True when a field linked a code or a unit, so that the message belongs to the reader although it has no value.
    private(set) var hasLinked = false
    /// Fields whose code is not known yet.
    private(set) var uncoded: [String] = []

    /// - Parameter channels: the M-Bus registers that the reader has sent with their channel so far.
    init(_ mapping: FieldMapping, channels: Set<OBISCode>, keepsRaw: Bool) {
        self.channels = channels
        self.mapping = mapping
        self.keepsRaw = keepsRaw
    }

    /// Adds a field.
    ///
    /// - Parameters:
    ///   - channel: the M-Bus channel of its device when it is not the mapping's: for a second device of that kind.
    ///   - word: the words that match `+` in its name; its whole name without wildcards.
    mutating func add(
        _ field: FieldMapping.Field, _ value: FieldValue, unit: Unit?, channel: UInt8? = nil, word: String = ""
    ) {
        known += 1
        guard !isAbsent(value) else { return }
        add(
            field.meaning, value, unit: unit ?? links.unit(for: word), key: field.key.text, channel: channel, word: word
        )
    }

    private mutating func add(
        _ meaning: FieldMapping.Meaning, _ value: FieldValue, unit: Unit?, key: String, channel other: UInt8?,
        word: String
    ) {
        switch meaning {
        case .register(var register):
            register.code = placed(register.code, on: other)
            add(register, value, unit: unit, key: key)
        case .id(let isHexadecimalText):
            if let channel, channel > 0 { return addID(of: Int(channel), value) }
            if telegram.id == nil { telegram.id = RawID(text(value), isHexadecimalText: isHexadecimalText) }
        case .clock(let form):
            guard telegram.time == nil, (channel ?? 0) == 0, let time = FieldTime.read(value, form) else { return }
            telegram.time = time
            telegram.clock = mapping.clock
        case .season:
            switch text(value).lowercased() {
            case "s", "summer", "e": isSummer = true
            case "w", "winter", "h": isSummer = false
            default: break
            }
        case .channel: channel = number(value).flatMap { UInt8($0.description) }
        case .time(let code, let form):
            let code = placed(code, on: other)
            times[code] = times[code] ?? FieldTime.read(value, form)
        case .code, .value, .unit: link(meaning, value, unit: unit, key: key, word: word)
        case .parts(let separator, let meanings):
            let parts = text(value).split(separator: separator, omittingEmptySubsequences: false)
            for (index, (part, meaning)) in zip(parts, meanings).enumerated() where !part.isEmpty {
                let value = FieldValue.text(Array(part.utf8))
                add(meaning, value, unit: nil, key: "\(key), value \(index + 1)", channel: other, word: word)
            }
        case .manufacturer: telegram.model = MeterModel(manufacturer: text(value), model: telegram.model?.model)
        case .model: telegram.model = MeterModel(manufacturer: telegram.model?.manufacturer, model: text(value))
        case .submeterID(let channel): addID(of: (other ?? self.channel).map(Int.init) ?? channel, value)
        case .submeterType(let channel):
            submeterTypes[(other ?? self.channel).map(Int.init) ?? channel] = number(value).flatMap {
                Int64($0.description)
            }
        case .ignored: break
        }
    }

    /// Adds fields about other fields, and the fields that depend on them.
    private mutating func link(
        _ meaning: FieldMapping.Meaning, _ value: FieldValue, unit: Unit?, key: String, word: String
    ) {
        switch meaning {
        case .code:
            hasLinked = true
            if let code = OBISCode(text(value)) { links.note(code, for: word) }
        case .unit:
            hasLinked = true
            if let unit = SentUnit.unit(text(value).trimmingQuotes) { links.note(unit, for: word) }
        default:
            guard let code = links.codes[word] else {
                if uncoded.count < 8 { uncoded.append(key.replacing("+", with: word)) }
                return
            }
            let meaning = (mapping.codes ?? CodeUnits()).meaning(of: code)
            add(meaning, value, unit: unit, key: key.replacing("+", with: word), channel: nil, word: word)
        }
    }

    /// Adds the id from the topic when the payload has none.
    mutating func add(id: String?) {
        if telegram.id == nil, let id, !id.isEmpty { telegram.id = RawID(id) }
    }

    /// Assigns the telegram to a device named in the payload.
    mutating func set(device: String) { telegram.device = device }

    /// Adds a computed observation.
    mutating func add(_ observation: Observation) {
        if !telegram.observations.contains(where: { $0.obis == observation.obis }) {
            telegram.observations.append(observation)
        }
    }

    /// Gives the registers their own times and adds their devices.
    ///
    /// - Parameter waiting: times that arrived before their values.
    mutating func finish(ids: [Int: String], types: [Int: Int64], times waiting: inout [OBISCode: RawTime]) {
        if let isSummer, case .local(let wall)? = telegram.time { telegram.time = .seasonal(wall, isSummer: isSummer) }
        if telegram.isPart { waiting.merge(times) { $1 } } else { waiting = times }
        for index in telegram.observations.indices where telegram.observations[index].time == nil {
            telegram.observations[index].time = waiting.removeValue(forKey: telegram.observations[index].obis)
        }
        telegram.observations.removeAll { observation in
            // A zero without time and id is a channel without a device.
            guard observation.obis.isDeviceReading, observation.time == nil, ids[Int(observation.obis.b)] == nil,
                case .number(let number) = observation.value
            else { return false }
            return number.isZero
        }
        for observation in telegram.observations where observation.obis.a == 0 && observation.obis.c == 24 {
            let channel = Int(observation.obis.b)
            guard channel > 0, !telegram.submeters.contains(where: { $0.channel == channel }) else { continue }
            let medium =
                (types[channel] == nil ? mapping.submeters[channel] ?? mapping.submeters[channel % 10] : nil)
                ?? P1Channel(
                    number: observation.obis.b, type: types[channel], reading: (observation.obis, observation.unit)
                ).medium(isBelgian: false)
            telegram.submeters.append(Submeter(channel: channel, medium: medium, id: ids[channel]))
        }
    }

    /// Notes the repairs of the message as a whole.
    mutating func note(_ repairs: [Fix], isPart: Bool) {
        for repair in repairs where !telegram.repairs.contains(repair) { telegram.repairs.append(repair) }
        telegram.isPart = isPart
    }

    private mutating func addID(of channel: Int, _ value: FieldValue) {
        guard submeterIDs[channel] == nil else { return }
        if case .text(let bytes) = value {
            submeterIDs[channel] = bytes.withUnsafeBufferPointer { P1Text.message($0) }
        } else {
            submeterIDs[channel] = text(value)
        }
    }

    /// The code with the channel of the message instead of the mapping's.
    private func placed(_ code: OBISCode, on other: UInt8?) -> OBISCode {
        guard let channel = other ?? channel, channel > 0, code.isDeviceReading else { return code }
        return OBISCode(code.a, channel, code.c, code.d, code.e)
    }

    private mutating func add(
        _ register: FieldMapping.Register, _ value: FieldValue, unit: Unit?, key: String
    ) {
        let code = register.code
        guard !telegram.observations.contains(where: { $0.obis == code }) else { return }
        let raw = keepsRaw ? "\(key)=\(value.words)" : nil
        if P1TelegramReader.isText(code), case .text(let bytes) = value {
            if let text = bytes.withUnsafeBufferPointer({ P1Text.message($0) }) {
                telegram.observations.append(Observation(code, .text(text), raw: raw))
            }
            return
        }
        guard let (number, own) = quantity(value) else {
            if register.unit == nil, case .text = value {
                telegram.observations.append(Observation(code, .text(text(value)), raw: raw))
            } else if value != .other || !mapping.pointsInto(key) {
                remark("\(key): \"\(value.words)\" is no number")
            }
            return
        }
        if register.isZeroAbsent, number.isZero { return }
        if mapping.isWhole, case .text(let bytes) = value, bytes.contains(UInt8(ascii: ".")) {
            return remark("\(key): \(value.words) has a point, and \(mapping.name) sends whole numbers")
        }
        if code.isDeviceReading {
            if register.isFallback, !channels.isEmpty { return }
            if !register.isFallback { channels.insert(code) }
        }
        // A unit in the payload takes precedence over the file's: `kW` beside a register that is declared in W. This
        // also holds for a unit of another quantity, so that the value is judged in the unit that it really has.
        let sent = register.unit == nil ? nil : own ?? unit
        let scaled = register.factor.map { number.multiplied(by: $0) } ?? number
        guard let scaled else { return remark("\(key): \"\(value.words)\" has too many digits") }
        let decimals = register.decimals ?? mapping.decimals
        telegram.observations.append(
            Observation(
                code, .number(decimals.map { scaled.rounded(toDecimals: $0) } ?? scaled),
                unit: sent ?? register.unit, raw: raw))
    }

    /// A number, also in a text, with the unit after it: `00006678.394*kWh`.
    private func quantity(_ value: FieldValue) -> (ExactDecimal, Unit?)? {
        switch value {
        case .number(let number): return (number, nil)
        case .text(let bytes):
            return bytes.withUnsafeBufferPointer { bytes in
                switch P1Value(bytes) {
                case .number(let number, let unit, hasMore: false): return (number, unit)
                // The text after a second separator may be thousands, decimals, or another value: no number is read.
                case .number(_, _, hasMore: true): return nil
                case .absent, .other: return ExactDecimal(bytes: P1Text.trimmed(bytes)).map { ($0, nil) }
                }
            }
        case .absent, .other: return nil
        }
    }

    private func number(_ value: FieldValue) -> ExactDecimal? { quantity(value)?.0 }

    private func text(_ value: FieldValue) -> String {
        if case .text(let bytes) = value { return bytes.withUnsafeBufferPointer { P1Text.plain($0) } ?? "" }
        return value.words
    }

    private func isAbsent(_ value: FieldValue) -> Bool {
        switch value {
        case .absent: return true
        case .number, .other: return false
        case .text:
            let words = text(value)
            // A bare `nan` is a microcontroller's output for a missing value.
            return words.isEmpty || words == "nan" || words == "NaN" || mapping.absentWords.contains(words)
        }
    }

    private mutating func remark(_ words: String) {
        if remarks.count < 32 { remarks.append(.malformed(words)) }
    }
}

extension FieldMapping {
    /// True when other fields are inside this field's value, which is then not a single value in this message.
    fileprivate func pointsInto(_ key: String) -> Bool {
        fields.contains { $0.key.text.hasPrefix(key + "/") || $0.key.text.hasPrefix(key + "#/") }
    }
}

extension String {
    /// The text without the quotation marks of a JSON string.
    fileprivate var trimmingQuotes: String {
        count > 1 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
    }
}

extension OBISCode {
    /// True for the reading of an M-Bus device: 0-n:24.1 to 24.3.
    fileprivate var isDeviceReading: Bool { a == 0 && c == 24 && d < 4 }
}
