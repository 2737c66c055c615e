// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// A message that a reader removed from its frame: DLMS with or without its header, SML without its transport. It has
/// no checksum; only its structure can be checked.
enum BareMessage {
    /// Reads a message at the beginning of bytes; the result is its end.
    static func find(in bytes: [UInt8], _ content: inout ListContent, _ sml: inout SMLReader) -> Found<Int> {
        let start = headSize(bytes)
        guard start < bytes.count else { return bytes.isEmpty ? .nothing : .open(total: nil) }
        switch bytes[start] {
        case Notification.tag:
            switch Notification.find(in: bytes, from: start) {
            case .frame(let notification): return body(bytes, from: notification.body, &content)
            case .open: return .open(total: nil)
            case .damaged, .nothing: return .nothing
            }
        case 0xDB, 0xDC, 0xDD: return end(CipheredFrame.find(in: bytes, from: start)) { start + $0.size }
        case TransferBlock.tag: return end(TransferBlock.find(in: bytes, from: start)) { $0.range.upperBound }
        case 1, 2: return body(bytes, from: start, &content)
        case 0x76:
            do throws(SMLReader.Fault) {
                try sml.read(bytes, start..<bytes.count, checksum: nil)
                return sml.hasList ? .frame(bytes.count) : .nothing
            } catch {
                return error == .open ? .open(total: nil) : .nothing
            }
        default: return .nothing
        }
    }

    /// Size of the link layer's header, which some readers keep: `E6 E7 00`.
    static func headSize(_ bytes: [UInt8]) -> Int {
        guard bytes.count > 2, bytes[0] == 0xE6, bytes[1] == 0xE7 || bytes[1] == 0xE6, bytes[2] == 0 else {
            return bytes.first == 0xE6 && bytes.count < 3 ? bytes.count : 0
        }
        return 3
    }

    private static func body(_ bytes: [UInt8], from start: Int, _ content: inout ListContent) -> Found<Int> {
        guard start < bytes.count else { return .open(total: nil) }
        switch content.read(bytes, from: start, to: bytes.count, leniency: .swappedTag) {
        case .whole(let end): return .frame(end)
        case .open: return .open(total: nil)
        case .malformed: return .nothing
        }
    }

    private static func end<Frame>(_ found: Found<Frame>, _ end: (Frame) -> Int) -> Found<Int> {
        switch found {
        case .frame(let frame): .frame(end(frame))
        case .open(let total): .open(total: total)
        case .damaged: .damaged
        case .nothing: .nothing
        }
    }
}
