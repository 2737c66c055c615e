// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The meter's ids in a telegram, and the choice among them.
struct P1Identity: Sendable {
    /// The register of an id, the most trustworthy first.
    enum Place: Int, CaseIterable {
        /// 0-0:96.1.1, hexadecimal in the Netherlands and Belgium.
        case equipment
        /// 0-0:96.1.0, plain in Hungary and Wallonia, hexadecimal in Poland.
        case serial
        /// 0-0:42.0.0, the COSEM logical device name: Luxembourg.
        case logicalDevice
        /// 1-0:0.0.0: Germany, Wallonia.
        case ownership
        /// 0-0:96.1.255: Germany.
        case manufacturing
    }

    private var places: (Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?) = (nil, nil, nil, nil, nil)

    /// Adds an id; the first one for a register is used.
    mutating func add(_ group: Range<Int>, _ place: Place) {
        guard self[place] == nil, !group.isEmpty else { return }
        switch place {
        case .equipment: places.0 = group
        case .serial: places.1 = group
        case .logicalDevice: places.2 = group
        case .ownership: places.3 = group
        case .manufacturing: places.4 = group
        }
    }

    private subscript(place: Place) -> Range<Int>? {
        switch place {
        case .equipment: places.0
        case .serial: places.1
        case .logicalDevice: places.2
        case .ownership: places.3
        case .manufacturing: places.4
        }
    }

    /// The best id; a placeholder only when there is nothing else, so that the bridge can report what was sent.
    func id(in bytes: UnsafeBufferPointer<UInt8>) -> RawID? {
        if let equipment = places.0, let serial = places.1 {
            // Polish MA309M: 0-0:96.1.0 is the serial number, and 0-0:96.1.1 the type, which is the same in every
            // meter.
            let (one, other) = (Self.id(bytes, equipment, .equipment), Self.id(bytes, serial, .serial))
            if let one, let other { return Self.digits(other) > Self.digits(one) ? other : one }
        }
        var filler: RawID?
        for place in Place.allCases {
            guard let range = self[place] else { continue }
            if let id = Self.id(bytes, range, place) { return id }
            filler = filler ?? RawID(String(decoding: bytes[range], as: UTF8.self))
        }
        return filler
    }

    /// Manufacturer and model from the identification line. The third letter is in lower case when the meter answers
    /// faster (IEC 62056-21, 6.3.2); it is the same manufacturer.
    static func model(_ bytes: UnsafeBufferPointer<UInt8>, _ header: Range<Int>) -> MeterModel? {
        let text = P1Text.trimmed(UnsafeBufferPointer(rebasing: bytes[header.clamped(to: 0..<bytes.count)]))
        guard !text.isEmpty else { return nil }
        let isLetter = { (byte: UInt8) in byte & 0xDF &- UInt8(ascii: "A") < 26 }
        let hasMaker = text.count > 3 && text.prefix(3).allSatisfy(isLetter) && !isLetter(text[3])
        return MeterModel(
            manufacturer: hasMaker ? String(decoding: text.prefix(3).map { $0 & 0xDF }, as: UTF8.self) : nil,
            model: String(decoding: text, as: UTF8.self))
    }

    private static func id(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ place: Place) -> RawID? {
        let group = P1Text.trimmed(UnsafeBufferPointer(rebasing: bytes[range]))
        guard !P1Text.isFiller(group) else { return nil }
        var isHexadecimal = false
        if let text = P1Text.decoded(group) {
            // In registers that also contain plain ids, eight digits may be hexadecimal by chance: real ids contain
            // digits, `RCPQ` does not.
            isHexadecimal = place == .equipment || text.utf8.contains { $0 &- UInt8(ascii: "0") <= 9 }
        }
        return RawID(String(decoding: group, as: UTF8.self), isHexadecimalText: isHexadecimal)
    }

    /// The number of digits in the decoded id.
    private static func digits(_ id: RawID) -> Int {
        var text = id.text
        let plain = id.isHexadecimalText ? text.withUTF8 { P1Text.decoded($0) } ?? text : text
        return plain.utf8.count { $0 &- UInt8(ascii: "0") <= 9 }
    }
}
