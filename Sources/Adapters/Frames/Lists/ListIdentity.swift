// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// The identity in a message: the meter's id, its model, and the ids of its sub-meters.
struct ListIdentity {
    private(set) var id: String?
    private(set) var model: MeterModel?
    private(set) var submeters: [Submeter] = []

    init(_ content: ListContent, _ bytes: [UInt8], list: PushList?) {
        if content.shape == .positional {
            readPositions(content, bytes, list)
        } else {
            readCodes(content, bytes)
        }
    }

    private mutating func readPositions(_ content: ListContent, _ bytes: [UInt8], _ list: PushList?) {
        var device: String?
        var model: String?
        for (index, position) in (list?.positions ?? []).enumerated() where index < content.values.count {
            let element = content.element(content.values[index])
            guard element.isOctets, element.size > 0 else { continue }
            switch position {
            case .id: id = ListText.text(bytes, element.range)
            case .device: device = ListText.text(bytes, element.range)
            case .model: model = ListText.text(bytes, element.range)
            default: break
            }
        }
        id = id ?? device
        self.model = Self.model(model, device: device)
    }

    private mutating func readCodes(_ content: ListContent, _ bytes: [UInt8]) {
        // In order of preference: the serial number, the number of the metering point, the device's name, other ids.
        var found: (serial: String?, number: String?, device: String?, other: String?, plain: String?)
        var model: String?
        for entry in content.entries {
            let element = content.element(entry.element)
            let isText = element.isOctets && element.size > 0
            let code = entry.code
            switch (code.c, code.d, code.e) {
            case (96, 1, _) where code.b > 0 && code.a == 0:
                guard isText, ListText.isText(bytes, element.range) else { continue }
                let id = ListText.text(bytes, element.range)
                submeters.append(Submeter(channel: Int(code.b), medium: .other, id: id))
            case (96, 1, 0) where isText: found.serial = ListText.text(bytes, element.range)
            case (96, 1, 1) where isText && code.a == 1: model = ListText.text(bytes, element.range)
            case (96, 1, 7) where isText: model = ListText.text(bytes, element.range)
            case (96, 1, 1) where isText: found.other = ListText.text(bytes, element.range)
            case (42, 0, 0) where isText: found.device = ListText.text(bytes, element.range)
            case (0, 0, 5) where isText: found.number = ListText.text(bytes, element.range)
            case (0, 0, 1): found.plain = element.integer(bytes).map { "\($0)" }
            default: break
            }
        }
        let trailer = content.trailer.map { ListText.text(bytes, $0) }
        id = found.serial ?? found.number ?? found.device ?? found.other ?? trailer ?? found.plain
        self.model = Self.model(model, device: found.device)
    }

    /// A device's name begins with three letters for its manufacturer.
    private static func model(_ model: String?, device: String?) -> MeterModel? {
        let maker = device.map { $0.prefix(3) }.flatMap { prefix in
            prefix.count == 3 && prefix.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 } ? String(prefix) : nil
        }
        guard model != nil || maker != nil else { return nil }
        return MeterModel(manufacturer: maker, model: model)
    }
}

/// Times of meters.
enum ListTime {
    /// The 12 bytes at `start` as a time.
    static func time(_ bytes: [UInt8], _ start: Int, rule: PushList.ClockRule) -> RawTime? {
        guard let time = COSEMTime(bytes, at: start), let wall = wall(time) else {
            guard start + COSEMTime.size <= bytes.count else { return nil }
            let range = start..<start + COSEMTime.size
            // A time with all fields undefined counts as missing.
            return bytes[range].allSatisfy { $0 == 0xFF || $0 == 0 }
                ? nil : .invalid(ListText.hexadecimal(bytes, range))
        }
        if let deviation = time.deviation, !(rule == .zeroIsLocal && deviation == 0) {
            return .instant(wall.instant(offset: -60 * deviation))
        }
        switch rule {
        case .standard: return .seasonal(wall, isSummer: false)
        case .asSent, .zeroIsLocal: return time.isSummer == true ? .seasonal(wall, isSummer: true) : .local(wall)
        }
    }

    private static func wall(_ time: COSEMTime) -> WallTime? {
        let hundredths = time.hundredths ?? 0
        return WallTime(
            year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
            second: time.second, microseconds: Int32(hundredths) * 10_000, fractionDigits: hundredths == 0 ? 0 : 3)
    }
}
