// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Collects what the fields of one message say.
struct MappedReading {
    private let mapping: FieldMapping
    private let keepsRaw: Bool
    private(set) var telegram = Telegram()
    private(set) var remarks: [Remark] = []
    /// Fields that the mapping knows, with or without a value.
    private(set) var known = 0
    private(set) var submeterIDs: [Int: String] = [:]
    private(set) var submeterTypes: [Int: Int64] = [:]
    /// M-Bus registers with their channel.
    private(set) var channels: Set<OBISCode>
    private var times: [OBISCode: RawTime] = [:]
    /// The M-Bus channel that the message is about, 0 for the meter; nil when it does not say.
    private(set) var channel: UInt8?

    /// - Parameter channels: the M-Bus registers that the reader sent with their channel so far.
    init(_ mapping: FieldMapping, channels: Set<OBISCode>, keepsRaw: Bool) {
        self.channels = channels
        self.mapping = mapping
        self.keepsRaw = keepsRaw
    }

    /// Takes a field in.
    mutating func add(_ field: FieldMapping.Field, _ value: FieldValue, unit: Unit?) {
        known += 1
        guard !isAbsent(value) else { return }
        switch field.meaning {
        case .register(var register):
            register.code = placed(register.code)
            add(register, value, unit: unit, key: field.key)
        case .id(let isHexadecimalText):
            if let channel, channel > 0 { return addID(of: Int(channel), value) }
            if telegram.id == nil { telegram.id = RawID(text(value), isHexadecimalText: isHexadecimalText) }
        case .clock(let form):
            guard telegram.time == nil, (channel ?? 0) == 0, let time = FieldTime.read(value, form) else { return }
            telegram.time = time
            telegram.clock = mapping.clock
        case .channel: channel = number(value).flatMap { UInt8($0.description) }
        case .time(let code, let form):
            let code = placed(code)
            times[code] = times[code] ?? FieldTime.read(value, form)
        case .manufacturer: telegram.model = MeterModel(manufacturer: text(value), model: telegram.model?.model)
        case .model: telegram.model = MeterModel(manufacturer: telegram.model?.manufacturer, model: text(value))
        case .submeterID(let channel): addID(of: self.channel.map(Int.init) ?? channel, value)
        case .submeterType(let channel):
            submeterTypes[self.channel.map(Int.init) ?? channel] = number(value).flatMap { Int64($0.description) }
        case .ignored: break
        }
    }

    /// Gives the registers their own times and names the devices they belong to.
    ///
    /// - Parameter waiting: times that came before their values.
    mutating func finish(ids: [Int: String], types: [Int: Int64], times waiting: inout [OBISCode: RawTime]) {
        if telegram.isPart { waiting.merge(times) { $1 } } else { waiting = times }
        for index in telegram.observations.indices where telegram.observations[index].time == nil {
            telegram.observations[index].time = waiting.removeValue(forKey: telegram.observations[index].obis)
        }
        telegram.observations.removeAll { observation in
            // A zero without time and id is a channel that nothing is connected to.
            guard observation.obis.isDeviceReading, observation.time == nil, ids[Int(observation.obis.b)] == nil,
                case .number(let number) = observation.value
            else { return false }
            return number.isZero
        }
        for observation in telegram.observations where observation.obis.a == 0 && observation.obis.c == 24 {
            let channel = Int(observation.obis.b)
            guard channel > 0, !telegram.submeters.contains(where: { $0.channel == channel }) else { continue }
            let medium =
                (types[channel] == nil ? mapping.submeters[channel] : nil)
                ?? P1Channel(
                    number: observation.obis.b, type: types[channel], reading: (observation.obis, observation.unit)
                ).medium(isBelgian: false)
            telegram.submeters.append(Submeter(channel: channel, medium: medium, id: ids[channel]))
        }
    }

    /// What the message as a whole needed.
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

    /// The code with the channel that the message is about in place of the mapping's.
    private func placed(_ code: OBISCode) -> OBISCode {
        guard let channel, channel > 0, code.isDeviceReading else { return code }
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
            } else {
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
        // A unit in the payload counts where it measures the same: `kW` beside a register that is declared in W.
        let sent = own ?? unit
        let isSame = sent.flatMap { sent in register.unit.map { sent.powerOfTen(to: $0) != nil } } ?? false
        let scaled = register.factor.map { number.multiplied(by: $0) } ?? number
        guard let scaled else { return remark("\(key): \"\(value.words)\" has too many digits") }
        let decimals = register.decimals ?? mapping.decimals
        telegram.observations.append(
            Observation(
                code, .number(decimals.map { scaled.rounded(toDecimals: $0) } ?? scaled),
                unit: isSame ? sent : register.unit, raw: raw))
    }

    /// A number, also in a text, with the unit behind it: `00006678.394*kWh`.
    private func quantity(_ value: FieldValue) -> (ExactDecimal, Unit?)? {
        switch value {
        case .number(let number): return (number, nil)
        case .text(let bytes):
            return bytes.withUnsafeBufferPointer { bytes in
                if case .number(let number, let unit, _) = P1Value(bytes) { return (number, unit) }
                return ExactDecimal(bytes: P1Text.trimmed(bytes)).map { ($0, nil) }
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
            // A bare `nan` is how a microcontroller prints a value that it does not have.
            return words.isEmpty || words == "nan" || words == "NaN" || mapping.absentWords.contains(words)
        }
    }

    private mutating func remark(_ words: String) {
        if remarks.count < 32 { remarks.append(.malformed(words)) }
    }
}

extension OBISCode {
    /// True for the reading of an M-Bus device: 0-n:24.1 to 24.3.
    fileprivate var isDeviceReading: Bool { a == 0 && c == 24 && d < 4 }
}
