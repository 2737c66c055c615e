// SPDX-License-Identifier: Apache-2.0

/// A general-glo-ciphering APDU (IEC 62056-5-3): the form in which meters of Luxembourg, Graz and Warsaw send their telegrams.
///
///     DB 08 <system title, 8> <length> <security control> <invocation counter, 4> <ciphertext> <tag, 12>
struct CipheredFrame: Equatable {
    /// What stands at the start of bytes.
    enum Found: Equatable {
        case frame(CipheredFrame)
        /// It is not all there; `total` bytes are, when the length has come.
        case open(total: Int?)
        /// These bytes cannot be a frame's.
        case malformed
    }

    /// The system title: three letters of the manufacturer and five bytes.
    let title: [UInt8]
    /// Says what was done to the content, and by which suite.
    let control: UInt8
    /// Goes into the initialisation vector; never the same twice under one key.
    let counter: [UInt8]
    let ciphertext: [UInt8]
    /// Empty when the frame says that it has none.
    let tag: [UInt8]
    /// Bytes of the whole frame.
    let size: Int

    static let start: [UInt8] = [0xDB, 8]
    /// A tag of 96 bits, as every DLMS suite has it.
    static let tagSize = 12
    /// A telegram at the limit with its envelope.
    static let limit = P1Framing.limit + 64

    var isEncrypted: Bool { control & 0x20 != 0 }
    var isAuthenticated: Bool { control & 0x10 != 0 }
    var isCompressed: Bool { control & 0x80 != 0 }
    /// 0 and 1: AES-128; 2: AES-256.
    var suite: UInt8 { control & 0x0F }
    /// The system title in hexadecimal, as it stands on the meter's data sheet and in other programs' logs.
    var titleText: String {
        title.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    /// Reads what stands at `start`.
    static func find(in bytes: [UInt8], from start: Int = 0) -> Found {
        let bytes = bytes[start...]
        guard zip(bytes, Self.start).allSatisfy({ $0 == $1 }) else { return .malformed }
        var index = start + 2 + 8
        guard index < bytes.endIndex else { return .open(total: nil) }
        var length = Int(bytes[index])
        index += 1
        if length >= 0x80 {
            // BER: the low bits say how many bytes the length has. Three are more than any telegram needs.
            let count = length & 0x7F
            guard (1...3).contains(count) else { return .malformed }
            guard index + count <= bytes.endIndex else { return .open(total: nil) }
            length = bytes[index..<(index + count)].reduce(0) { $0 << 8 | Int($1) }
            index += count
        }
        guard length > 5, length <= limit else { return .malformed }
        let end = index + length
        guard end <= bytes.endIndex else { return .open(total: end - start) }
        let control = bytes[index]
        let content = index + 5
        let tagSize = control & 0x10 == 0 ? 0 : Self.tagSize
        guard content + tagSize < end else { return .malformed }
        return .frame(
            CipheredFrame(
                title: Array(bytes[(start + 2)..<(start + 10)]), control: control,
                counter: Array(bytes[(index + 1)..<content]), ciphertext: Array(bytes[content..<(end - tagSize)]),
                tag: Array(bytes[(end - tagSize)..<end]), size: end - start))
    }
}
