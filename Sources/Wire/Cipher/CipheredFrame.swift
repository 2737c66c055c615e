// SPDX-License-Identifier: Apache-2.0

/// A ciphered message (IEC 62056-5-3, 9.2.7), which only the owner of the key can read.
///
///     DB or DC | 08 | system title 8 | length | security control | invocation counter 4 | content | tag 12
///     DD | transaction | originator | recipient | date-time | other information | key information | length | …
package struct CipheredFrame: Sendable, Equatable {
    /// The kind of ciphered message.
    package enum Kind: UInt8, Sendable {
        /// general-glo-ciphering: one key for all messages of a meter.
        case global = 0xDB
        /// general-ded-ciphering: a separate key for one connection.
        case dedicated = 0xDC
        /// general-ciphering: with addresses and perhaps a key in the message.
        case general = 0xDD
    }

    package let kind: Kind
    /// The system title: three letters of the manufacturer and five bytes.
    package let title: [UInt8]
    /// Bytes that the tag authenticates besides content and keys: the header of a general-ciphering message.
    let head: [UInt8]
    /// True when the message contains a key or names an agreed one.
    package let hasKeyInformation: Bool
    /// The security control byte: how the content is protected, and by which suite.
    package let control: UInt8
    /// Part of the initialisation vector; never the same twice under one key.
    package let counter: [UInt8]
    /// The content; in clear when the control byte reports no encryption.
    package let ciphertext: [UInt8]
    /// Empty when the control byte reports no tag.
    package let tag: [UInt8]
    /// Size of the whole frame in bytes.
    package let size: Int

    /// The first bytes of frames of the usual kind.
    package static let start: [UInt8] = [0xDB, 8]
    /// A tag of 96 bits, as in every DLMS suite.
    package static let tagSize = 12
    /// A message at the limit, with its envelope.
    package static let limit = 16_384 + 64

    package var isEncrypted: Bool { control & 0x20 != 0 }
    package var isAuthenticated: Bool { control & 0x10 != 0 }
    package var isCompressed: Bool { control & 0x80 != 0 }
    /// True when it is encrypted with the key for all meters of an operator, not with the meter's own.
    package var usesBroadcastKey: Bool { control & 0x40 != 0 }
    /// 0 and 1: AES-128; 2: AES-256.
    package var suite: UInt8 { control & 0x0F }
    /// The counter as a number.
    package var invocation: UInt32 { counter.reduce(0) { $0 << 8 | UInt32($1) } }
    /// The system title as one number.
    package var titleNumber: UInt64 { title.reduce(0) { $0 << 8 | UInt64($1) } }
    /// The system title in hexadecimal, as printed on the meter's data sheet and in other programs' logs.
    package var titleText: String {
        String(unsafeUninitializedCapacity: 2 * title.count) { digits in
            for (index, byte) in title.enumerated() {
                for (place, digit) in [byte >> 4, byte & 15].enumerated() {
                    digits[2 * index + place] = digit < 10 ? 0x30 + digit : 0x37 + digit
                }
            }
            return 2 * title.count
        }
    }

    /// Reads a message at `start`.
    package static func find(in bytes: [UInt8], from start: Int = 0) -> Found<CipheredFrame> {
        guard start < bytes.count, let kind = Kind(rawValue: bytes[start]) else { return .nothing }
        var index = start + 1
        var titles: [Range<Int>] = []
        let fields = kind == .general ? 5 : 1
        for field in 0..<fields {
            guard index < bytes.count else { return .open(total: nil) }
            let length = Int(bytes[index])
            let isTitle = field == (kind == .general ? 1 : 0)
            guard isTitle ? length == 8 : length <= 64 else { return .nothing }
            titles.append(index + 1..<index + 1 + length)
            index += 1 + length
        }
        let head = kind == .general ? start + 1..<index : index..<index
        var hasKeyInformation = false
        if kind == .general {
            guard index < bytes.count else { return .open(total: nil) }
            switch bytes[index] {
            case 0: break
            case 1: hasKeyInformation = true
            default: return .nothing
            }
            index += 1
        }
        guard index <= bytes.count else { return .open(total: nil) }
        if hasKeyInformation { return keyed(kind, bytes, start, title: titles[1]) }
        let length: Int
        switch BERLength.read(bytes, at: index, end: bytes.count) {
        case .open: return .open(total: nil)
        case .malformed: return .nothing
        case .length(let value, let next): (length, index) = (value, next)
        }
        guard length > 5, length <= limit else { return .nothing }
        let end = index + length
        guard end <= bytes.count else { return .open(total: end - start) }
        let control = bytes[index]
        let content = index + 5
        let tagSize = control & 0x10 == 0 ? 0 : Self.tagSize
        guard content + tagSize < end else { return .nothing }
        return .frame(
            CipheredFrame(
                kind: kind, title: Array(bytes[titles[kind == .general ? 1 : 0]]), head: Array(bytes[head]),
                hasKeyInformation: false, control: control, counter: Array(bytes[index + 1..<content]),
                ciphertext: Array(bytes[content..<(end - tagSize)]), tag: Array(bytes[(end - tagSize)..<end]),
                size: end - start))
    }

    /// A message with a key inside; all remaining bytes count as part of it. It is refused by name and never decrypted.
    private static func keyed(
        _ kind: Kind, _ bytes: [UInt8], _ start: Int, title: Range<Int>
    ) -> Found<CipheredFrame> {
        .frame(
            CipheredFrame(
                kind: kind, title: Array(bytes[title]), head: [], hasKeyInformation: true, control: 0, counter: [],
                ciphertext: [], tag: [], size: bytes.count - start))
    }
}
