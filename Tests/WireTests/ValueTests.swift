// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Wire

/// Values as meters send them, and everything that is none.
@Suite struct ValueTests {
    private static func read(_ bytes: [UInt8]) -> (AXDR, AXDR.Outcome) {
        var axdr = AXDR()
        let outcome = axdr.read(bytes, from: 0, to: bytes.count)
        return (axdr, outcome)
    }

    @Test func `numbers keep their sign and their width`() {
        let cases: [([UInt8], Int64)] = [
            ([0x0F, 0xFF], -1), ([0x11, 0xFF], 255), ([0x10, 0x80, 0], -32_768), ([0x12, 0x80, 0], 32_768),
            ([0x05, 0xFF, 0xFF, 0xFF, 0xFE], -2), ([0x06, 0xFF, 0xFF, 0xFF, 0xFE], 4_294_967_294),
            ([0x15, 0, 0, 0, 1, 0, 0, 0, 0], 4_294_967_296), ([0x16, 3], 3), ([0x03, 1], 1),
        ]
        for (bytes, number) in cases {
            let (axdr, outcome) = Self.read(bytes)
            #expect(outcome == .whole(end: bytes.count))
            #expect(axdr.elements[0].integer(bytes) == number)
        }
        let large: [UInt8] = [0x15] + [UInt8](repeating: 0xFF, count: 8)
        #expect(Self.read(large).0.elements[0].integer(large) == nil)
    }

    @Test func `a float is the shortest decimal that means it`() {
        let bytes: [UInt8] = [0x17, 0x3D, 0xCC, 0xCC, 0xCD]
        #expect(Self.read(bytes).0.elements[0].decimalDigits(bytes) == "0.1")
        let infinite: [UInt8] = [0x17, 0x7F, 0x80, 0, 0]
        #expect(Self.read(infinite).0.elements[0].decimalDigits(infinite) == nil)
    }

    @Test func `groups say where they end`() {
        let bytes: [UInt8] = [0x02, 2, 0x01, 1, 0x11, 7, 0x09, 2, 0x41, 0x42]
        let (axdr, outcome) = Self.read(bytes)
        #expect(outcome == .whole(end: 10))
        #expect(axdr.elements.map(\.next) == [4, 3, 3, 4])
        #expect(axdr.elements[3].range == 8..<10)
    }

    @Test func `a compact array is its elements`() {
        let bytes: [UInt8] = [0x13, 0x02, 2, 0x09, 0x12, 10, 1, 0xAA, 0, 5, 2, 0xBB, 0xCC, 0, 6, 0]
        var (axdr, outcome) = Self.read(bytes)
        #expect(outcome == .malformed(at: 16) || outcome == .malformed(at: 15))
        (axdr, outcome) = Self.read([0x13, 0x02, 2, 0x09, 0x12, 9] + bytes[6..<15])
        #expect(outcome == .whole(end: 15))
        #expect(axdr.elements[0].count == 2 && axdr.elements.count == 7)
    }

    @Test func `what is too deep, too long or unknown is refused, and a beginning is one`() {
        #expect(Self.read([UInt8](repeating: 0x02, count: 40).flatMap { [$0, 1] }).1 != .open)
        #expect(Self.read([0x02, 0x82, 0xFF, 0xFF]).1 == .malformed(at: 4))
        #expect(Self.read([0x42]).1 == .malformed(at: 1))
        #expect(Self.read([0x09, 0x84, 0, 0, 0, 1]).1 == .malformed(at: 1))
        let bytes: [UInt8] = [0x02, 2, 0x06, 0, 0, 0, 1, 0x0A, 0x81, 1, 0x41]
        #expect(Self.read(bytes).1 == .whole(end: bytes.count))
        for count in 0..<bytes.count { #expect(Self.read(Array(bytes[..<count])).1 == .open) }
        // A compact array of nothing would never end.
        #expect(Self.read([0x13, 0x00, 5, 1, 2, 3, 4, 5]).1 != .open)
    }

    @Test func `nothing beyond the end of a value is touched`() {
        var axdr = AXDR()
        #expect(axdr.read([0x12, 1, 2], from: 0, to: 2) == .open)
    }

    @Test func `any bytes are read or refused`() {
        var state: UInt64 = 42
        var axdr = AXDR()
        var sml = SMLReader()
        for _ in 0..<20_000 {
            let count = Int(next(&state) % 60)
            let bytes = (0..<count).map { _ in
                let byte = UInt8(truncatingIfNeeded: next(&state))
                return byte < 0x80 ? byte & 0x1F : byte
            }
            try? sml.read(bytes.map { $0 & 1 == 0 ? $0 | 0x70 : $0 }, 0..<bytes.count, checksum: nil)
            guard case .whole(let end) = axdr.read(bytes, from: 0, to: bytes.count) else { continue }
            #expect(end <= bytes.count)
            #expect(axdr.elements.allSatisfy { $0.start <= $0.end && Int($0.end) <= bytes.count })
        }
    }

    private func next(_ state: inout UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
