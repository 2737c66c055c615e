// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

extension FramesDecoder {
    /// Reads the messages of an SML file.
    mutating func read(sml bytes: [UInt8], _ range: Range<Int>, checksum: SMLChecksum?) {
        do throws(SMLReader.Fault) {
            try sml.read(bytes, range, checksum: checksum)
        } catch {
            switch error {
            case .messageChecksum(let place):
                outcome.reject(
                    .crc, at: place,
                    "the checksum of a message does not match, that of the file does: whoever passed it on changed it")
            case .malformed(let place): outcome.reject(.shape, at: place, "no SML message")
            case .open: outcome.reject(.incomplete, at: range.upperBound, "an SML message ends too early")
            }
            return
        }
        guard sml.hasList else { return outcome.ignore("frames-sml-no-list") }
        let telegram = SMLTelegram(sml, bytes).telegram
        if telegram.observations.isEmpty { return outcome.ignore("frames-no-registers") }
        outcome.accept(telegram)
    }
}

/// The contents of an SML file as registers.
struct SMLTelegram {
    private let reader: SMLReader
    private let bytes: [UInt8]
    private let status: SMLStatus?
    private let maker: String?
    private let quirks: [PushList.Quirk]

    init(_ reader: SMLReader, _ bytes: [UInt8]) {
        self.reader = reader
        self.bytes = bytes
        status = reader.entries.first { $0.status != nil }?.status.map { SMLStatus($0) }
        let id = Self.id(reader, bytes)
        let named = Self.name(reader, bytes) ?? id.flatMap { SMLServer.maker(bytes, $0) }
        maker = named
        quirks = named.map { SMLQuirks.of(maker: $0) } ?? []
    }

    var telegram: Telegram {
        var registers: [Observation] = []
        registers.reserveCapacity(reader.entries.count + 1)
        for entry in reader.entries { add(entry, to: &registers) }
        addDirection(&registers)
        let id = Self.id(reader, bytes).map { SMLServer.text(bytes, $0) }
        let time = time
        return Telegram(
            id: id.map { RawID($0) }, time: time, clock: time == nil ? .source : .meter, observations: registers,
            model: maker.map { MeterModel(manufacturer: $0) })
    }

    private func add(_ entry: SMLReader.Entry, to registers: inout [Observation]) {
        let code = ListContent.code(bytes, entry.code.lowerBound)
        switch (code.a, code.c, code.d, code.e) {
        // The manufacturer's name, the public key (personal and long), and the ids of the meter.
        case (129, 199, 130, _), (0, 96, 1, _), (1, 96, 1, _), (1, 0, 0, _), (1, 96, 50, 1): return
        default: break
        }
        switch entry.value {
        case .integer(let number, let size, let isSigned):
            let number = isSigned && number < 0 ? meant(number, size, of: code) : number
            let unit = entry.unit.flatMap { ListUnits.unit($0) }
            registers.append(Observation(code, .number(ExactDecimal(number, exponent: entry.scaler)), unit: unit))
        case .octets(let range):
            registers.append(Observation(code, .text(ListText.text(bytes, range))))
        case .boolean(let flag):
            registers.append(Observation(code, .number(ExactDecimal(flag ? 1 : 0))))
        case .other: return
        }
    }

    /// The value of a power that some meters send as an unsigned number in a signed type.
    private func meant(_ number: Int64, _ size: Int, of code: OBISCode) -> Int64 {
        guard quirks.contains(.negativeNeedsDirection), [16, 36, 56, 76].contains(code.c), code.d == 7, size < 8,
            let status, status.exports(code.c) == false
        else { return number }
        return number & (1 << Int64(8 * size) - 1)
    }

    /// Adds the net power for a meter that sends the absolute power and its direction in the status word.
    private func addDirection(_ registers: inout [Observation]) {
        guard quirks.contains(.directionOfAbsolutePower), let exports = status?.exports(16),
            !registers.contains(where: { $0.obis.c == 16 && $0.obis.d == 7 }),
            let absolute = registers.first(where: { $0.obis.c == 15 && $0.obis.d == 7 && $0.obis.e == 0 }),
            case .number(let number) = absolute.value
        else { return }
        let net = exports ? ExactDecimal(-number.mantissa, exponent: number.exponent) : number
        let code = OBISCode(absolute.obis.a, absolute.obis.b, 16, 7, 0)
        registers.append(Observation(code, .number(net), unit: absolute.unit))
    }

    /// The time stamp; an index of seconds is not a time of day.
    private var time: RawTime? {
        let times = [reader.time] + reader.entries.prefix(1).map(\.time)
        for case .epoch(let seconds)? in times {
            // A clock that was never set starts in 1970 or 2000.
            if (1_577_836_800...4_102_444_800).contains(seconds) {
                return .instant(Timestamp(seconds: Int64(seconds)))
            }
        }
        return nil
    }

    /// The position of the meter's id: an entry for it, or the server of the list.
    private static func id(_ reader: SMLReader, _ bytes: [UInt8]) -> Range<Int>? {
        for (c, d, e) in [(96, 1, 0), (0, 0, 9)] as [(UInt8, UInt8, UInt8)] {
            for entry in reader.entries {
                let code = ListContent.code(bytes, entry.code.lowerBound)
                guard code.a == 1, code.c == c, code.d == d, code.e == e, code.f == 255,
                    case .octets(let range) = entry.value, !range.isEmpty
                else { continue }
                return range
            }
        }
        return reader.server
    }

    /// The manufacturer named in an entry.
    private static func name(_ reader: SMLReader, _ bytes: [UInt8]) -> String? {
        for entry in reader.entries {
            let code = ListContent.code(bytes, entry.code.lowerBound)
            let isMaker =
                (code.a == 129 && code.c == 199 && code.e == 3) || (code.c == 96 && code.d == 50 && code.e == 1)
            if isMaker, case .octets(let range) = entry.value, ListText.isText(bytes, range) {
                return ListText.text(bytes, range)
            }
        }
        return nil
    }
}

/// The status word of a counter.
struct SMLStatus {
    private let word: UInt64

    init(_ word: UInt64) { self.word = word }

    /// True when energy flows into the grid, in total (16) or on one phase (36, 56, 76).
    ///
    /// Newer meters (low byte 04) have a bit for the total and one for each phase, older ones only for the total.
    func exports(_ quantity: UInt8) -> Bool? {
        if word & 0xFF == 0x04 {
            switch quantity {
            case 16: return word >> 11 & 1 == 1
            case 36: return word >> 12 & 1 == 1
            case 56: return word >> 13 & 1 == 1
            case 76: return word >> 14 & 1 == 1
            default: return nil
            }
        }
        return quantity == 16 && word & 0x80 != 0 ? word >> 5 & 1 == 1 : nil
    }
}

/// Deviations of manufacturers in signs, from the shipped lists.
enum SMLQuirks {
    static func of(maker: String) -> [PushList.Quirk] { all.first { $0.maker == maker }?.quirks ?? [] }

    private static let all: [(maker: String, quirks: [PushList.Quirk])] = PushList.shipped.filter {
        !Set($0.quirks).isDisjoint(with: [.negativeNeedsDirection, .directionOfAbsolutePower])
    }.flatMap { list in list.match.devices.map { ($0, list.quirks) } }
}

/// Server ids.
enum SMLServer {
    /// The id of DIN 43863-5 as printed on the meter (`1ISK0012345678`): medium, manufacturer, block, eight digits.
    /// Other ids in hexadecimal.
    static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        guard let maker = standardMaker(bytes, range) else { return ListText.hexadecimal(bytes, range) }
        let start = range.lowerBound
        var number = 0
        for index in start + 6..<start + 10 { number = number << 8 | Int(bytes[index]) }
        let digits = "\(number)"
        guard digits.utf8.count <= 8 else { return ListText.hexadecimal(bytes, range) }
        let block = ListText.hexadecimal(bytes, start + 5..<start + 6).uppercased()
        return "\(bytes[start + 1])\(maker)\(block)" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// The three letters of the manufacturer, in any form of id that has them.
    static func maker(_ bytes: [UInt8], _ range: Range<Int>) -> String? {
        if let maker = standardMaker(bytes, range) { return maker }
        let start = range.lowerBound
        for offset in 1...2 where range.count > offset + 3 {
            let letters = bytes[start + offset..<start + offset + 3]
            if letters.allSatisfy(isCapital) { return String(decoding: letters, as: UTF8.self) }
        }
        return nil
    }

    private static func standardMaker(_ bytes: [UInt8], _ range: Range<Int>) -> String? {
        let start = range.lowerBound
        guard range.count == 10, bytes[start] == 0x0A, bytes[start + 1] < 10 else { return nil }
        let letters = bytes[start + 2..<start + 5]
        return letters.allSatisfy(isCapital) ? String(decoding: letters, as: UTF8.self) : nil
    }

    private static func isCapital(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }
}
