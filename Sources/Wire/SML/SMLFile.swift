// SPDX-License-Identifier: Apache-2.0

/// An SML file in transport version 1 (BSI TR-03109-1, Annex IV): `1B1B1B1B 01010101 | messages | fill | 1B1B1B1B 1A fill CRC`.
package struct SMLFile: Sendable, Equatable {
    /// The whole file.
    package let range: Range<Int>
    /// The messages between the escapes, with the escapes of the data still doubled when `hasEscapes`.
    package let messages: Range<Int>
    /// True when the data has an escape sequence of its own, which is sent twice.
    package let hasEscapes: Bool
    /// Which CRC the file has.
    package let checksum: SMLChecksum

    /// How a file begins.
    package static let start: [UInt8] = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1]

    /// Reads what stands at `start`; a file longer than `limit` is none.
    ///
    /// Its length is a multiple of 4, so that an end is looked for only there: a lost byte would shift everything. A new start
    /// inside a file says that the first one was lost.
    package static func find(in bytes: [UInt8], from start: Int, limit: Int) -> Found<SMLFile> {
        bytes.withUnsafeBufferPointer { find(in: $0, from: start, limit: limit) }
    }

    private static func find(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int
    ) -> Found<SMLFile> {
        let count = bytes.count
        for offset in 0..<Self.start.count {
            guard start + offset < count else { return .open(total: nil) }
            guard bytes[start + offset] == Self.start[offset] else { return .nothing }
        }
        var hasEscapes = false
        var index = start + 8
        while true {
            guard index + 8 <= count else { return count - start > limit ? .damaged : .open(total: nil) }
            guard isEscape(bytes, index) else {
                index += 4
                if index - start > limit { return .damaged }
                continue
            }
            switch bytes[index + 4] {
            case 0x1A:
                let fill = Int(bytes[index + 5])
                // Three at most by the standard; some meters send four.
                guard fill <= 4, index - fill >= start + 8 else { return .damaged }
                let sent = UInt16(bytes[index + 6]) | UInt16(bytes[index + 7]) << 8
                guard
                    let checksum = SMLChecksum.fitting(
                        UnsafeBufferPointer(rebasing: bytes[start..<index + 6]), sent: sent)
                else { return .damaged }
                return .frame(
                    SMLFile(
                        range: start..<index + 8, messages: start + 8..<index - fill, hasEscapes: hasEscapes,
                        checksum: checksum))
            case 0x1B where isEscape(bytes, index + 4):
                hasEscapes = true
                index += 8
            default:
                return .damaged
            }
        }
    }

    private static func isEscape(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        bytes[index] == 0x1B && bytes[index + 1] == 0x1B && bytes[index + 2] == 0x1B && bytes[index + 3] == 0x1B
    }

    /// The messages with single escapes.
    package func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(messages.count)
        var index = messages.lowerBound
        while index < messages.upperBound {
            let end = min(index + 4, messages.upperBound)
            result += bytes[index..<end]
            let isDouble = end - index == 4 && bytes[index..<end].allSatisfy { $0 == 0x1B }
            index = isDouble ? end + 4 : end
        }
        return result
    }
}

/// The CRC of a file and of its messages. X.25 is the standard's; a few meters use Kermit's for both.
package enum SMLChecksum: String, Sendable, Equatable, CaseIterable {
    case x25, kermit

    private var algorithm: ReflectedCRC16 {
        switch self {
        case .x25: .x25
        case .kermit: .kermit
        }
    }

    /// Which one of them `sent`, low byte first, is over these bytes; nil for none. Kermit's comes high byte first.
    static func fitting(_ bytes: UnsafeBufferPointer<UInt8>, sent: UInt16) -> SMLChecksum? {
        if ReflectedCRC16.x25.checksum(bytes) == sent { return .x25 }
        return ReflectedCRC16.kermit.checksum(bytes) == sent.byteSwapped ? .kermit : nil
    }

    /// True when `sent` is the checksum of that part, low byte first, or in the order in which a number is sent.
    func fits(_ bytes: [UInt8], _ range: Range<Int>, sent: UInt16) -> Bool {
        let found = algorithm.checksum(bytes, range)
        return found == sent || found.byteSwapped == sent
    }
}
