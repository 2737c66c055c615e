// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import Wire

/// The layers of a meter's wire protocol, each by itself: for any bytes, no result refers to a position outside them.
struct LayerTarget: FuzzTarget {
    private let layer: @Sendable ([UInt8], Int) -> Range<Int>?

    /// The layer with that name; nil when there is none.
    init?(_ name: String) {
        switch name {
        case "hdlc": layer = { Self.range(HDLCFrame.find(in: $0, from: $1)) { $0.range } }
        case "mbus": layer = { Self.range(MBusFrame.find(in: $0, from: $1)) { $0.range } }
        case "sml-file": layer = { Self.range(SMLFile.find(in: $0, from: $1, limit: 16_384)) { $0.range } }
        case "tic":
            layer = { bytes, start in
                guard case .frame(let frame) = TICFrame.find(in: bytes, from: start) else { return nil }
                frame.forEachGroup(in: bytes) { group in
                    precondition(frame.range.contains(group.label.lowerBound))
                    precondition(group.value.upperBound <= frame.range.upperBound)
                }
                return frame.range
            }
        case "ciphered":
            layer = { bytes, start in
                guard case .frame(let frame) = CipheredFrame.find(in: bytes, from: start) else { return nil }
                return start..<start + frame.size
            }
        default: return nil
        }
    }

    func run(_ bytes: [UInt8]) {
        for start in 0..<min(bytes.count, 64) {
            guard let range = layer(bytes, start) else { continue }
            precondition(range.lowerBound == start && range.upperBound <= bytes.count && !range.isEmpty)
        }
    }

    private static func range<Frame>(_ found: Found<Frame>, _ range: (Frame) -> Range<Int>) -> Range<Int>? {
        guard case .frame(let frame) = found else { return nil }
        return range(frame)
    }
}

/// A-XDR: the elements lie inside each other and inside the bytes.
struct AXDRTarget: FuzzTarget {
    private var axdr = AXDR()

    mutating func run(_ bytes: [UInt8]) {
        guard case .whole(let end) = axdr.read(bytes, from: 0, to: bytes.count, leniency: .swappedTag) else { return }
        precondition(end <= bytes.count && axdr.elements.count <= AXDR.most)
        for (index, element) in axdr.elements.enumerated() {
            precondition(element.start <= element.end && Int(element.end) <= end)
            precondition(Int(element.next) > index && Int(element.next) <= axdr.elements.count)
            _ = element.integer(bytes)
            _ = element.decimalDigits(bytes)
        }
    }
}

/// SML messages without their transport, so that no checksum protects them.
struct SMLTarget: FuzzTarget {
    private var reader = SMLReader()

    mutating func run(_ bytes: [UInt8]) {
        try? reader.read(bytes, 0..<bytes.count, checksum: nil)
        precondition(reader.entries.count <= SMLReader.most)
        for entry in reader.entries { precondition(entry.code.count == 6 && entry.code.upperBound <= bytes.count) }
    }
}

/// The whole adapter with keys, whole and in two pieces; after any input, the next good frame is read.
struct FramesTarget: FuzzTarget {
    private let adapter: FramesAdapter
    /// A list without codes, `{1-0:1.7.0, 4117 W}`, in an HDLC frame.
    private let good: [UInt8] = [
        0x7E, 0xA0, 0x27, 0x01, 0x02, 0x01, 0x10, 0x5A, 0x87, 0xE6, 0xE7, 0x00, 0x0F, 0x40, 0, 0, 0, 0x09, 0x0C, 0x07,
        0xE6,
        0x01, 0x02, 0x07, 0x0E, 0x25, 0x12, 0xFF, 0x80, 0, 0, 0x02, 0x01, 0x06, 0, 0, 0x10, 0x15, 0xF5, 0xFF, 0x7E,
    ]

    init() {
        let keys = try? MeterKeys(
            decryption: "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF", authentication: "B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF")
        adapter = FramesAdapter(options: AdapterOptions(keys: keys))
    }

    func run(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let payload = bytes.dropFirst()
        let cut = payload.count * Int(first) / 255
        var decoder = adapter.makeDecoder()
        let context = DecodingContext()
        _ = decoder.decode(RawMessage("meter/raw", payload.prefix(cut), at: 1_795_217_228), context: context)
        _ = decoder.decode(RawMessage("meter/raw", payload.dropFirst(cut), at: 1_795_217_228), context: context)
        _ = decoder.abandon()
        precondition(decoder.openSince == nil)
        // After enough messages without a frame of its kind, a source may send another kind.
        for turn in 1...34 {
            let verdict = decoder.decode(
                RawMessage("meter/raw", good, at: 1_795_217_260 + 11 * Int64(turn)), context: context)
            if case .telegrams = verdict { return }
        }
        preconditionFailure("the next good frame was not read")
    }
}
