// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

extension P1TelegramReader {
    /// Adds a line of an M-Bus device, 0-n:24.d.e: its type, a reading with its capture time, its valve.
    mutating func addDevice(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        switch code.d {
        case 1 where code.e == 0:
            let index = channel(code.b)
            if case .number(let type, _, _) = P1Value(group(0, bytes)), type > .zero, type.exponent >= 0,
                let whole = Int64(type.description)
            {
                channels[index].type = whole
            }
        case 2: addReading(code, bytes)
        case 3: addLegacyReading(code, bytes)
        default: addDeviceNumber(code, bytes)
        }
    }

    /// Adds the id of an M-Bus device: 0-n:96.1.0 in the Netherlands and Luxembourg, 0-n:96.1.1 in Belgium; 96.1.2 is
    /// an EAN.
    mutating func addDeviceID(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard code.e < 2 else { return }
        let index = channel(code.b)
        if channels[index].id == nil { channels[index].id = P1Text.message(group(0, bytes)) }
    }

    /// Adds `0-1:24.2.1(210331173500S)(00055.416*m3)`; MCS301 without a device sends only `(0)`.
    private mutating func addReading(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        let index = groups.count > 1 && !P1Time.isLike(group(0, bytes)) && P1Time.isLike(group(1, bytes)) ? 0 : 1
        let time = groups.count > 1 ? P1Time.ofRegister(group(1 - index, bytes)) : nil
        addReading(code, P1Value(group(min(index, groups.count - 1), bytes)), time: time, bytes)
    }

    /// Adds `0-1:24.3.0(120802100000)(08)(60)(1)(0-1:24.2.0)(m3)` and, usually on a line of its own, `(00000.803)`
    /// (DSMR 2.2).
    private mutating func addLegacyReading(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard groups.count >= 7 else {
            if !P1Text.trimmed(group(0, bytes)).isEmpty { remark("\(code) without its value") }
            return
        }
        let unit = P1Unit.unit(P1Text.trimmed(group(5, bytes)), isMarked: true)
        var value = P1Value(group(6, bytes))
        if case .number(let number, nil, let hasMore) = value { value = .number(number, unit, hasMore: hasMore) }
        addReading(code, value, time: P1Time.ofRegister(group(0, bytes)), bytes)
    }

    private mutating func addReading(
        _ code: OBISCode, _ value: P1Value, time: RawTime?, _ bytes: UnsafeBufferPointer<UInt8>
    ) {
        switch value {
        case .number(let number, let unit, _):
            let index = channel(code.b)
            if channels[index].reading == nil { channels[index].reading = (code, unit) }
            var isCaptured = false
            if let time { if case .invalid = time {} else { isCaptured = true } }
            if !number.isZero || isCaptured { channels[index].isAlive = true }
            append(code, .number(number), unit: unit, time: time, bytes)
        case .absent: break
        case .other: remarkLine(bytes)
        }
    }

    private mutating func addDeviceNumber(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        switch P1Value(group(groups.count - 1, bytes)) {
        case .number(let number, let unit, _): append(code, .number(number), unit: unit, bytes)
        case .absent: break
        case .other: remarkLine(bytes)
        }
    }

    /// Removes the readings of dead slots. A slot without a device keeps sending its lines: a zero that was never
    /// captured, without unit, type or id. A zero of an existing device is a reading.
    mutating func settleChannels() {
        for index in channels.indices where !channels[index].isAlive {
            let channel = channels[index]
            guard let reading = channel.reading else { continue }
            if channel.type != nil, channel.id != nil, reading.unit != nil {
                channels[index].isAlive = true
            } else {
                observations.removeAll {
                    $0.obis.a == 0 && $0.obis.b == channel.number && $0.obis.c == 24 && $0.obis.d < 4
                }
            }
        }
    }

    /// The existing devices: those with a reading or an id.
    var submeters: [Submeter] {
        if channels.isEmpty { return [] }
        return channels.compactMap { channel in
            guard channel.isAlive || channel.id != nil else { return nil }
            return Submeter(
                channel: Int(channel.number), medium: channel.medium(isBelgian: isBelgian), id: channel.id)
        }
    }

    private mutating func channel(_ number: UInt8) -> Int {
        if let index = channels.firstIndex(where: { $0.number == number }) { return index }
        channels.append(P1Channel(number: number))
        return channels.count - 1
    }
}
