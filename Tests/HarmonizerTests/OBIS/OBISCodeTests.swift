// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// The spellings of the field, one code.
@Suite struct OBISCodeTests {
    @Test(arguments: [
        "1.8.0", "1-0:1.8.0", "1-0:1.8.0*255", "1.0.1.8.0.255", "0100010800ff", "0100010800FF", "77070100010800ff",
        "1_8_0", "1-8-0",
        "1-0-1-8-0", "1.8.0*255",
    ]) func `every spelling is the import counter`(text: String) {
        #expect(OBISCode(text)?.description == "1-0:1.8.0")
    }

    @Test(arguments: [
        ("96.1.0", "0-0:96.1.0"), ("96_14_0", "0-0:96.14.0"), ("1.0.0", "0-0:1.0.0"), ("42.0.0", "0-0:42.0.0"),
        ("17.0.0", "0-0:17.0.0"),
        ("42.7.0", "1-0:42.7.0"), ("42.8.0", "1-0:42.8.0"), ("24.7.0", "1-0:24.7.0"), ("24.2.1", "0-0:24.2.1"),
        ("17.7.0", "1-0:17.7.0"), ("1.7.0", "1-0:1.7.0"), ("97.97.0", "0-0:97.97.0"), ("98.1.0", "0-0:98.1.0"),
        ("99.97.0", "1-0:99.97.0"), ("0-1:24.2.1", "0-1:24.2.1"), ("81.7.40", "1-0:81.7.40"), ("1-0:1.7", "1-0:1.7.0"),
    ]) func `the medium of a short form follows from its quantity`(text: String, expected: String) {
        #expect(OBISCode(text)?.description == expected)
    }

    @Test(arguments: [
        "", "1", "1.8", "Pi", "1.8.0.x", "1-0:1.8.0*01", "1.8.256", "1..8", ".1.8", "1.8.0.", "1.0.1.8.0.1",
        "010001080001", "0100010800", "1.8.0 ",
        "99999999999999999999.8.0", "10:30:00", "1*8*0", "1-0:8.0*255", "0:1.8.0*255", "1.0:1:8.0", "192.168.1.10",
        "1-0:1.8.0*255*255", "77070100010800", "88070100010800ff", "1.8.-1", "1.8.٣",
    ]) func `what is none is refused`(text: String) { #expect(OBISCode(text) == nil) }

    @Test func `electricity is published on channel 0, other media on their own`() {
        #expect(OBISCode(1, 1, 1, 8, 0).canonical == OBISCode(1, 0, 1, 8, 0))
        #expect(OBISCode(1, 5, 32, 7, 0).canonical == OBISCode(1, 0, 32, 7, 0))
        #expect(OBISCode(0, 2, 24, 2, 1).canonical == OBISCode(0, 2, 24, 2, 1))
        #expect(OBISCode(7, 1, 3, 0, 0).canonical == OBISCode(7, 1, 3, 0, 0))
    }

    @Test func `what it writes it reads`() {
        for _ in 0..<10_000 {
            let code = OBISCode(
                .random(in: 0...255), .random(in: 0...255), .random(in: 0...255), .random(in: 0...255),
                .random(in: 0...255))
            #expect(OBISCode(code.description) == code)
        }
    }

    @Test func `counters and momentary values are told apart`() {
        #expect(OBISCode(1, 0, 1, 8, 0).isCounter && OBISCode(0, 1, 24, 2, 1).isCounter)
        #expect(!OBISCode(1, 0, 16, 8, 0).isCounter, "a balance has a sign")
        #expect(OBISCode(1, 0, 1, 4, 0).isInstantaneous, "the running demand")
        #expect(!OBISCode(1, 0, 1, 6, 0).isInstantaneous && !OBISCode(0, 1, 24, 4, 0).isInstantaneous)
        #expect(OBISCode(1, 0, 1, 7, 0).isInstantaneous && !OBISCode(1, 0, 1, 7, 0).isCounter)
    }

    /// The usual spelling is read in a way of its own, which must not take for a code what is none.
    @Test func `of a usual spelling with one character changed only a code is read`() {
        let usual = Array("1-0:21.8.155".utf8)
        for index in usual.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = usual
                bytes[index] = byte
                guard let code = bytes.withUnsafeBufferPointer({ OBISCode(bytes: $0) }) else { continue }
                // What is read is written the same, but for leading zeros, the place of a colon that DSMR misprints, and other
                // separators that stand for the same.
                let groups = bytes.split { $0 < 0x30 || $0 > 0x39 }.map { Int(String(decoding: $0, as: UTF8.self)) }
                #expect(
                    groups.compactMap(\.self)
                        == [code.a, code.b, code.c, code.d, code.e].suffix(groups.count).map(Int.init))
                #expect(groups.compactMap(\.self).allSatisfy { $0 <= 255 })
            }
        }
        #expect(OBISCode("1-0:256.8.0") == nil)
        #expect(OBISCode("1-0:1.8.") == nil)
        #expect(OBISCode("-0:1.8.0") == nil)
        #expect(OBISCode("1-0:1.8.0.") == nil)
        #expect(OBISCode("001-000:021.008.000") == OBISCode(1, 0, 21, 8, 0))
    }
}
