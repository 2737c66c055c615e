// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Wire

/// The layers by themselves: what each takes, and what it leaves alone.
@Suite struct FrameTests {
    private static func bytes(_ text: String) -> [UInt8] {
        let digits = text.filter { $0 != " " }
        var bytes: [UInt8] = []
        var index = digits.startIndex
        while index < digits.endIndex {
            let next = digits.index(index, offsetBy: 2)
            bytes.append(UInt8(digits[index..<next], radix: 16) ?? 0)
            index = next
        }
        return bytes
    }

    @Test func `checksums have the values that their catalogue names`() {
        let check = Array("123456789".utf8)
        #expect(ReflectedCRC16.x25.checksum(check, 0..<9) == 0x906E)
        #expect(ReflectedCRC16.kermit.checksum(check, 0..<9) == 0x2189)
        #expect(ReflectedCRC16.arc.checksum(check, 0..<9) == 0xBB3D)
    }

    private static func framed(_ information: [UInt8]) -> [UInt8] {
        var body: [UInt8] = [0xA0, UInt8(10 + information.count), 0x41, 0x08, 0x83, 0x13]
        var sum = ReflectedCRC16.x25.checksum(body, 0..<body.count)
        body += [UInt8(sum & 0xFF), UInt8(sum >> 8)] + information
        sum = ReflectedCRC16.x25.checksum(body, 0..<body.count)
        return [0x7E] + body + [UInt8(sum & 0xFF), UInt8(sum >> 8), 0x7E]
    }

    @Test func `an HDLC frame is read by its length, flags inside it or not`() {
        let frame = Self.framed([0xE6, 0xE7, 0x00, 0x7E, 0x7E, 0xA0])
        guard case .frame(let found) = HDLCFrame.find(in: frame, from: 0) else {
            Issue.record("no frame")
            return
        }
        #expect(found.information == 9..<15 && found.range == 0..<17 && !found.isSegmented)
        // One flag closes a frame and opens the next; the last one may be missing.
        let two = frame + frame.dropFirst()
        guard case .frame(let next) = HDLCFrame.find(in: two, from: found.range.upperBound) else {
            Issue.record("no second frame")
            return
        }
        #expect(next.range == 17..<34)
        #expect(HDLCFrame.find(in: Array(frame.dropLast()), from: 0) == .frame(found))
    }

    @Test func `every cut of an HDLC frame is the beginning of one, and every changed bit is damage or nothing`() {
        let frame = Array(Self.framed([0xE6, 0xE7, 0x00, 0x0F, 1, 2, 3]).dropLast())
        for count in 1..<frame.count {
            guard case .open = HDLCFrame.find(in: Array(frame[..<count]), from: 0) else {
                Issue.record("\(count)")
                continue
            }
        }
        for bit in 0..<8 * frame.count {
            var changed = frame
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if case .frame = HDLCFrame.find(in: changed, from: 0) { Issue.record("bit \(bit)") }
        }
    }

    private static func mbus(_ piece: [UInt8], control: UInt8 = 0x10) -> [UInt8] {
        let body = [0x53, 0xFF, control, 0x01, 0x67] + piece
        let length = UInt8(truncatingIfNeeded: body.count)
        return [0x68, length, length, 0x68] + body + [body.reduce(0, &+), 0x16]
    }

    @Test(arguments: [1, 100, 250, 251, 252, 253, 254, 255]) func `an M-Bus frame may have its length modulo 256`(
        size: Int
    ) {
        let frame = Self.mbus([UInt8](repeating: 0x0F, count: size))
        let found = MBusFrame.find(in: frame, from: 0)
        // A length of 5 to 255 is itself, so that no meter can send 261 bytes and more.
        guard size + 5 <= 260 else {
            #expect(
                found != .frame(MBusFrame(range: 0..<frame.count, information: 9..<9 + size, number: 0, isLast: true)))
            return
        }
        #expect(
            found == .frame(MBusFrame(range: 0..<frame.count, information: 9..<9 + size, number: 0, isLast: true)))
    }

    @Test func `a wrapper says how long its message is`() {
        let frame = Self.bytes("0001 0001 0010 0002 0F00")
        guard case .frame(let found) = WrapperFrame.find(in: frame, from: 0, limit: 100) else {
            Issue.record("no frame")
            return
        }
        #expect(found.message == 8..<10)
        #expect(WrapperFrame.find(in: Self.bytes("0001 0001 0010 0200 0F00"), from: 0, limit: 100) == .nothing)
    }

    @Test func `pieces are taken in their order only`() {
        var reassembly = Reassembly(first: 1, limit: 10)
        check(&reassembly, [1, 2], 1, false, .open)
        check(&reassembly, [3], 2, true, .whole([1, 2, 3]))
        check(&reassembly, [1], 1, false, .open)
        check(&reassembly, [2], 3, true, .lost(expected: 2, found: 3))
        check(&reassembly, [2], 2, true, .lost(expected: 1, found: 2))
        check(&reassembly, [1], 1, false, .open)
        check(&reassembly, [9], 1, true, .whole([9]))
        check(&reassembly, [UInt8](repeating: 0, count: 11)[...], 1, true, .tooLarge)
        #expect(!reassembly.isOpen)
    }

    private func check(
        _ reassembly: inout Reassembly, _ piece: ArraySlice<UInt8>, _ number: Int, _ isLast: Bool,
        _ wanted: Reassembly.Step
    ) {
        let step = reassembly.add(piece, number: number, isLast: isLast)
        #expect(step == wanted)
    }

    @Test func `the deviation of a clock is what has to be added to get UTC`() throws {
        let time = try #require(COSEMTime(Self.bytes("07E6 02 01 02 09 11 14 FF FFC4 80"), at: 0))
        #expect(time.deviation == -60 && time.isSummer == true && time.hundredths == nil)
        #expect(try #require(COSEMTime(Self.bytes("07E6 02 01 02 09 11 14 05 8000 FF"), at: 0)).deviation == nil)
        #expect(COSEMTime(Self.bytes("FFFF FF FF FF FF FF FF FF 8000 FF"), at: 0) == nil)
        #expect(COSEMTime(Self.bytes("07E6 FD 01 02 09 11 14 FF FFC4 80"), at: 0) == nil)
    }

    @Test func `the published vectors of the cipher are opened`() throws {
        let title = "4D4D4D0000BC614E"
        let content = "801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE68"
        let frame = Self.bytes("DB 08 \(title) 30 30 01234567 \(content) 41DB204D39EE6FDB8E356855")
        let plain = Self.bytes("01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0")
        let key = (0..<16).map { UInt8($0) }
        let authenticationKey = key.map { $0 + 0xD0 }
        guard case .frame(let found) = CipheredFrame.find(in: frame) else {
            Issue.record("no frame")
            return
        }
        let text = try #require(found.content(key: key))
        #expect(text == plain)
        #expect(found.proves(text, key: key, authenticationKey: authenticationKey))
        #expect(!found.proves(text, key: key, authenticationKey: key))
        #expect(found.invocation == 0x0123_4567 && found.titleText == title)
    }
}
