// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

/// Telegrams that arrive in several messages.
@Suite struct P1PiecesTests {
    @Test func `two chunks cut anywhere are one telegram, read once`() {
        let bytes = P1Sample.telegram()
        var whole = P1Decoder(policy: .repair)
        let expected = whole.decode(bytes).telegrams
        #expect(expected.count == 1)
        // From the last CRC digit on the first chunk is a telegram, and the second the rest of a line end.
        for cut in 1..<bytes.count {
            var decoder = P1Decoder(policy: .repair)
            let first = decoder.decode(Array(bytes[..<cut]))
            let second = decoder.decode(Array(bytes[cut...]))
            #expect(first.telegrams + second.telegrams == expected, "\(cut)")
            #expect(decoder.openSince == nil)
        }
    }

    @Test(arguments: ["", "\r", "\n", "\r\n"]) func `lines with any line end are one telegram`(end: String) throws {
        var decoder = P1Decoder(policy: .repair)
        let lines = String(decoding: P1Sample.telegram(), as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false
        ).dropLast()
        var telegrams: [Telegram] = []
        for (index, line) in lines.enumerated() {
            let verdict = decoder.decode(Array((line + end).utf8))
            #expect((verdict == .fragment) == (index < lines.count - 1))
            telegrams += verdict.telegrams
        }
        #expect(try #require(telegrams.first).observations.count == 4)
        #expect(telegrams[0].repairs.isEmpty == (end == "\r\n"))
    }

    @Test func `lines whose blank second one was not published are one telegram`() throws {
        var decoder = P1Decoder(policy: .repair)
        var last = Verdict.fragment
        for line in String(decoding: P1Sample.telegram(), as: UTF8.self).split(separator: "\r\n") {
            last = decoder.decode(Array(line.utf8))
        }
        #expect(
            try #require(last.telegrams.first).repairs.map(\.original)
                == ["lines without line ends, no blank second line"])
    }

    @Test func `an open telegram says since when, and is rejected when it is given up`() {
        var decoder = P1Decoder(policy: .repair)
        #expect(decoder.openSince == nil)
        let bytes = P1Sample.telegram()
        #expect(decoder.decode(Array(bytes[..<100]), at: 7) == .fragment)
        #expect(decoder.decode(Array(bytes[100..<150]), at: 8) == .fragment)
        #expect(decoder.openSince == Timestamp(seconds: 7))
        #expect(decoder.abandon()?.reason == .incomplete)
        #expect(decoder.openSince == nil)
        #expect(decoder.abandon() == nil)
    }

    @Test func `a reader that joins in the middle costs one rejection`() {
        var decoder = P1Decoder(policy: .repair)
        let lines = String(decoding: P1Sample.telegram(), as: UTF8.self).split(separator: "\r\n")
        let verdicts = lines.dropFirst(4).map { decoder.decode(Array(($0 + "\r\n").utf8)) }
        #expect(verdicts.dropLast().allSatisfy { $0 == .fragment })
        #expect(verdicts.last?.reason == .incomplete)
        #expect(decoder.decode(P1Sample.telegram()).telegrams.count == 1)
    }

    @Test func `a telegram without end is given up at the limit, and the next one is read`() {
        var decoder = P1Decoder(policy: .repair)
        var reasons: Set<Rejection.Reason> = []
        _ = decoder.decode(Array("/ISK5\r\n\r\n".utf8))
        for _ in 0..<1000 {
            if let reason = decoder.decode([UInt8](repeating: UInt8(ascii: "4"), count: 64)).reason {
                reasons.insert(reason)
            }
        }
        #expect(reasons == [.tooLarge])
        #expect(decoder.decode(P1Sample.telegram()).telegrams.count == 1)
    }

    @Test func `the CRC of a telegram in chunks is waited for`() {
        // A Swedish telegram names no version, so that nothing but the chunk's end says that a CRC may follow.
        var bytes = P1Sample.telegram(["0-0:1.0.0(240407122854S)", "1-0:1.8.0(00009621.983*kWh)"], header: "/KAM5")
        bytes.replaceSubrange((bytes.count - 6)..<(bytes.count - 2), with: "0000".utf8)
        var decoder = P1Decoder(policy: .repair)
        #expect(decoder.decode(Array(bytes[..<20])) == .fragment)
        #expect(decoder.decode(Array(bytes[20..<(bytes.count - 6)])) == .fragment)
        #expect(decoder.decode(Array(bytes[(bytes.count - 6)...])).reason == .crc)
    }

    /// Lines are looked for eight bytes at a time; every byte must be told from an end at every place.
    @Test func `a line ends at its first line feed or carriage return, wherever that stands`() {
        for end in [UInt8(ascii: "\r"), UInt8(ascii: "\n")] {
            for other in UInt8.min...UInt8.max where other != UInt8(ascii: "\r") && other != UInt8(ascii: "\n") {
                for place in 0...20 {
                    var bytes = [UInt8](repeating: other, count: 21)
                    if place < 20 { bytes[place] = end }
                    if place < 19 { bytes[place + 1] = UInt8(ascii: "\n") }
                    bytes.withUnsafeBufferPointer { bytes in
                        #expect(P1Framing.lineEnd(in: bytes, from: 0) == (place < 20 ? place : 21))
                        #expect(P1Framing.lineEnd(in: bytes, from: min(place, 3)) == (place < 20 ? place : 21))
                    }
                }
            }
        }
    }

    /// What a line began with is remembered from one telegram to the next; a meter may send other lines then.
    @Test func `a telegram is read the same whatever came before it`() {
        var random = SplitMix64(state: 11)
        var decoder = P1Decoder(policy: .repair)
        let codes = [
            "1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.1", "1-0:21.7.0", "1-0:21.7.1", "1-0:31.7.0", "1-0:31.7.00",
            "1-0:1.8.1 ",
            "1-0:099.097.000", "1-0:099.097.001", "1-0:1.8.1*255", "1.8.1", "0-1:24.2.1", "1-0:1.8", "1-0:1.8.x",
        ]
        var read = 0
        for _ in 0..<3000 {
            let lines = (0..<random.number(1...6)).map { _ in
                "\(random.element(of: codes))(\(random.number(1...99))\(random.element(of: ["*kWh", "", "*m3"])))"
            }
            let bytes = P1Sample.telegram(lines)
            var fresh = P1Decoder(policy: .repair)
            let expected = fresh.decode(bytes)
            read += expected.telegrams.reduce(0) { $0 + $1.observations.count }
            #expect(decoder.decode(bytes) == expected, "\(lines)")
        }
        #expect(read > 3000)
    }
}
