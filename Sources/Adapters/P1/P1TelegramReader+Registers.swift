// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

extension P1TelegramReader {
    /// Processes the current line by its code.
    mutating func add(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        switch (code.a, code.c, code.d) {
        case (1, 0, 2) where code.b == 3 && code.e == 8: addVersion(bytes)
        case (_, 0, 9) where code.e == 1 || code.e == 2: clock.add(group(0, bytes), isDate: code.e == 2)
        case (1, 0, 0) where code.e == 0: identity.add(groups[0], .ownership)
        case (0, 1, 0), (0, 1, 1): clock.add(group(0, bytes))
        case (0, 42, 0) where code.b == 0: identity.add(groups[0], .logicalDevice)
        case (0, 24, _) where code.b > 0: addDevice(code, bytes)
        case (0, 96, 1) where code.b > 0: addDeviceID(code, bytes)
        case (0, 96, 1): addID(code, bytes)
        case (0, 96, 14): addTariff(code, bytes)
        case (0, 98, _), (1, 99, _): addHistory(code, bytes)
        default: addRegister(code, bytes)
        }
    }

    /// Adds a number, with a time of its own before or after it, or a text for codes with texts.
    private mutating func addRegister(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        if groups.count == 1 {
            if !Self.isText(code), case .number(let number, let unit, hasMore: false) = P1Value(group(0, bytes)) {
                append(code, number, unit: unit, bytes)
            } else {
                addValue(code, 0, time: nil, bytes)
            }
        } else if P1Time.isLike(group(0, bytes)) {
            addValue(code, 1, time: P1Time.ofRegister(group(0, bytes)), bytes)
        } else if P1Time.isLike(group(1, bytes)) {
            // Iskra MIE5T since December 2025: `1-0:1.6.0(08.832*kW)(260112223000)` (P1-Dongel-ESP32 issue 87).
            addValue(code, 0, time: P1Time.ofRegister(group(1, bytes)), bytes)
        } else {
            // `1-1:31.4.0(100*A)(-063*A)` of Luxembourg: import and export limit under one code.
            addValue(code, 0, time: nil, bytes)
            remark("\(code) has more than one value, the first is kept")
        }
    }

    private mutating func addValue(
        _ code: OBISCode, _ index: Int, time: RawTime?, _ bytes: UnsafeBufferPointer<UInt8>
    ) {
        let group = group(index, bytes)
        if Self.isText(code) {
            // A status of zeros means that all is well, and its digits are not ASCII; only messages have placeholders
            // and are decoded.
            let isMessage = code.c == 96 && code.d == 13
            if let text = isMessage ? P1Text.message(group) : P1Text.plain(group) {
                append(code, .text(text), time: time, bytes)
            }
            return
        }
        switch P1Value(group) {
        case .number(let number, let unit, let hasMore):
            append(code, .number(number), unit: unit, time: time, bytes)
            if hasMore { remark("\(code) has more than one value, the first is kept") }
        case .absent:
            break
        case .other:
            // 0-0:96.3.10 is a number in the Netherlands and `ON` in Hungary.
            if code.c == 96, let text = P1Text.plain(group) {
                append(code, .text(text), time: time, bytes)
            } else {
                remarkLine(bytes)
            }
        }
    }

    /// Adds the active tariff, a number such as `0002`. MCS301 sends `5431`, the hexadecimal of `T1`; Wasion sends
    /// `TARIFF 1`.
    private mutating func addTariff(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        let group = P1Text.trimmed(group(0, bytes))
        if let text = P1Text.decoded(group) {
            append(code, ExactDecimal(text).map(RawValue.number) ?? .text(text), bytes)
        } else if case .number(let number, nil, false) = P1Value(group) {
            append(code, .number(number), bytes)
        } else if !group.isEmpty {
            append(code, .text(String(decoding: group, as: UTF8.self)), bytes)
        }
    }

    /// Notes the version of the P1 interface: from 4.0 on a telegram has a CRC. MCS301 of 2023 sends `(P)`.
    private mutating func addVersion(_ bytes: UnsafeBufferPointer<UInt8>) {
        if case .number(let version, _, _) = P1Value(group(0, bytes)), version >= ExactDecimal(40) {
            requiresCRC = true
        }
    }

    private mutating func addID(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        switch code.e {
        case 0: identity.add(groups[0], .serial)
        case 1: identity.add(groups[0], .equipment)
        case 4:
            // The version of eMUCS, which always had a CRC.
            isBelgian = true
            requiresCRC = true
        case 255: identity.add(groups[0], .manufacturing)
        default: break  // 2 is the EAN of the connection
        }
    }

    /// Codes whose value is a text even when it consists of digits: messages, status words, error codes, firmware
    /// versions.
    static func isText(_ code: OBISCode) -> Bool {
        switch (code.c, code.d) {
        case (0, 2), (96, 5), (96, 13), (96, 50), (97, _): true
        default: false
        }
    }
}
