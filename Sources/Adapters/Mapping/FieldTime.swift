// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The times in the fields of a reader.
enum FieldTime {
    /// The format of a time.
    enum Form: String, Sendable, CaseIterable {
        /// Detected from the value: a P1 stamp has 12 digits, milliseconds since 1970 have 13, seconds fewer.
        case any
        /// `YYMMDDhhmmss`, optionally with `S` or `W`; without them it may be a number.
        case p1
        /// The same as text. A number instead went through a float and is no longer a valid time (DSMRloggerAPI of 2025
        /// sends 230507184128 for 230507191952S).
        case p1Text = "p1-text"
        /// ISO 8601, local without offset.
        case iso
        /// ISO 8601 from a program that writes local time with a wrong offset: 22:33 in Amsterdam as 22:33Z (p1-reader
        /// for Node).
        case local
        /// The season before a P1 stamp: `H261120234000`, `E…` in summer, lower case when the clock is not synchronised
        /// (TIC, Enedis-NOI-CPT_54E).
        case tic
        /// Seconds since 1970.
        case epoch
        /// Milliseconds since 1970.
        case epochMilliseconds = "epoch-ms"
    }

    /// Reads a time; nil when there is none.
    static func read(_ value: FieldValue, _ form: Form) -> RawTime? {
        switch value {
        case .absent, .other: nil
        // The reader has not received the clock yet.
        case .number(let number) where number.isZero: nil
        case .number(let number): read(number, form) ?? .invalid(number.description)
        case .text(let bytes): bytes.withUnsafeBufferPointer { read(P1Text.trimmed($0), form) }
        }
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ form: Form) -> RawTime? {
        if bytes.isEmpty { return nil }
        if form == .p1 || form == .p1Text { return P1Time.parse(bytes) }
        if form == .any || form == .tic, let time = seasonFirst(bytes) { return time }
        if form == .tic { return P1Time.parse(bytes) }
        if form == .any || form == .iso, let parsed = RFC3339.parse(bytes) {
            return parsed.offset.map { .instant(parsed.wall.instant(offset: $0)) } ?? .local(parsed.wall)
        }
        if form == .any || form == .iso || form == .local, let wall = handwritten(bytes) { return .local(wall) }
        if form == .local, let parsed = RFC3339.parse(bytes) { return .local(parsed.wall) }
        let text = String(decoding: bytes, as: UTF8.self)
        if form == .iso || form == .local { return .invalid(text) }
        if form == .any, bytes.count == 12 || bytes.count == 13, let time = P1Time.parse(bytes) {
            if case .invalid = time {} else { return time }
        }
        return ExactDecimal(bytes: bytes).flatMap { read($0, form) } ?? .invalid(text)
    }

    private static func read(_ number: ExactDecimal, _ form: Form) -> RawTime? {
        guard !number.isNegative else { return nil }
        // 21 October 2001 was the last stamp with fewer than twelve digits, and no such meter is left.
        let isStamp = number >= ExactDecimal(1, exponent: 11) && number < ExactDecimal(1, exponent: 12)
        switch form {
        case .any where isStamp, .p1 where isStamp:
            var text = number.description
            while text.utf8.count < 12 { text = "0" + text }
            return text.withUTF8 { P1Time.parse($0) }
        case .epochMilliseconds: return EpochTime.instant(number.scaled(byPowerOfTen: -3)).map { .instant($0) }
        case .any where number >= ExactDecimal(1, exponent: 12):
            return EpochTime.instant(number.scaled(byPowerOfTen: -3)).map { .instant($0) }
        case .any, .epoch: return EpochTime.instant(number).map { .instant($0) }
        case .iso, .local, .p1, .p1Text, .tic: return nil
        }
    }

    /// `H261120234000`.
    private static func seasonFirst(_ bytes: UnsafeBufferPointer<UInt8>) -> RawTime? {
        guard bytes.count == 13, let first = bytes.first else { return nil }
        let rest = UnsafeBufferPointer(rebasing: bytes[1...])
        guard case .local(let wall)? = P1Time.parse(rest) else { return nil }
        switch first | 0x20 {
        case UInt8(ascii: "h"): return .seasonal(wall, isSummer: false)
        case UInt8(ascii: "e"): return .seasonal(wall, isSummer: true)
        default: return nil
        }
    }

    /// `2026-11-20 23:40`, `20.11.2026 23:40:00`, `20.11.2026 23:40`.
    private static func handwritten(_ bytes: UnsafeBufferPointer<UInt8>) -> WallTime? {
        guard bytes.count == 16 || bytes.count == 19, bytes[13] == UInt8(ascii: ":"),
            bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"), let hour = P1Time.pair(bytes, 11),
            let minute = P1Time.pair(bytes, 14)
        else { return nil }
        var second = 0
        if bytes.count == 19 {
            guard bytes[16] == UInt8(ascii: ":"), let seconds = P1Time.pair(bytes, 17) else { return nil }
            second = seconds
        }
        let isISO = bytes[4] == UInt8(ascii: "-") && bytes[7] == UInt8(ascii: "-")
        let isDotted = [UInt8(ascii: "."), UInt8(ascii: "/")].contains(bytes[2]) && bytes[5] == bytes[2]
        guard isISO || isDotted, let century = P1Time.pair(bytes, isISO ? 0 : 6),
            let year = P1Time.pair(bytes, isISO ? 2 : 8), let month = P1Time.pair(bytes, isISO ? 5 : 3),
            let day = P1Time.pair(bytes, isISO ? 8 : 0)
        else { return nil }
        return WallTime(
            year: century * 100 + year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
}
