// SPDX-License-Identifier: Apache-2.0

/// An SML file in transport version 1 (BSI TR-03109-1, Annex IV): `1B1B1B1B 01010101 | messages | fill | 1B1B1B1B 1A fill CRC`.
package struct SMLFile: Sendable, Equatable {
    /// The whole file.
    package let range: Range<Int>
    /// The messages between the escapes; escapes in the data are still doubled when `hasEscapes` is true.
    package let messages: Range<Int>
    /// True when the data contains an escape sequence, which is sent twice.
    package let hasEscapes: Bool
    /// The kind of CRC in the file.
    package let checksum: SMLChecksum

    /// The first bytes of a file.
    package static let start: [UInt8] = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1]

    /// Reads a file at `start`; one longer than `limit` is not accepted.
    ///
    /// The length of a file is a multiple of 4, so the end is searched only at such positions: a lost byte would shift
    /// everything. A new start inside a file means that the rest of the first one was lost.
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
                // At most three by the standard; some meters send four.
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

/// The CRC of a file and of its messages. The standard defines X.25; a few meters use Kermit for both.
package enum SMLChecksum: String, Sendable, Equatable, CaseIterable {
    case x25, kermit

    private var algorithm: ReflectedCRC16 {
        switch self {
        case .x25: .x25
        case .kermit: .kermit
        }
    }

    /// The kind of which `sent`, low byte first, is the checksum of these bytes; nil for neither. Kermit's is sent high
    /// byte first.
    static func fitting(_ bytes: UnsafeBufferPointer<UInt8>, sent: UInt16) -> SMLChecksum? {
        if ReflectedCRC16.x25.checksum(bytes) == sent { return .x25 }
        return ReflectedCRC16.kermit.checksum(bytes) == sent.byteSwapped ? .kermit : nil
    }

    /// True when `sent` is the checksum of that part, low byte first or in the byte order of SML numbers.
    func fits(_ bytes: [UInt8], _ range: Range<Int>, sent: UInt16) -> Bool {
        let found = algorithm.checksum(bytes, range)
        return found == sent || found.byteSwapped == sent
    }
}
