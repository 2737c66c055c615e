// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// From what a payload holds to one topic level.
@Suite struct MeterIDTests {
    @Test(arguments: [
        ("3130343837303239", "10487029"), ("72913313", "72913313"), ("LGZ1030655900017", "LGZ1030655900017"),
        ("0901454d4800004735c7", "0901454d4800004735c7"), ("  A1 ", "A1"), ("090", "090"),
        ("4530303235303030303639363432393136", "E0025000069642916"), ("616263646566", "616263646566"),
        ("303132333435", "012345"), ("30313233343", "30313233343"), ("", ""), ("zz3031323334", "zz3031323334"),
    ]) func `hexadecimal text is decoded where it cannot be anything else`(raw: String, expected: String) {
        #expect(MeterID.decoded(RawID(raw)) == expected)
    }

    @Test func `where the format says hexadecimal, short texts are decoded too`() {
        #expect(MeterID.decoded(RawID("4142", isHexadecimalText: true)) == "AB")
        #expect(MeterID.decoded(RawID("4142")) == "4142")
    }

    @Test func `what the format calls hexadecimal and is no text stays as it is`() {
        for text in ["FFFFFFFFFFFF", "000000000000", "0901454D48", "414", "41 42", "é1"] {
            #expect(MeterID.decoded(RawID(text, isHexadecimalText: true)) == text)
        }
        #expect(MeterID.decoded(RawID("202020202020", isHexadecimalText: true)).isEmpty)
        #expect(MeterID.isPlaceholder(MeterID.decoded(RawID("3132333435", isHexadecimalText: true)), words: ["12345"]))
    }

    @Test func `made-up names of many devices stay different`() {
        let names = (0..<50_000).map { MeterID.fitted("tele", hashing: ["gplug", "gPlug\($0)"]) }
        #expect(names.count - Set(names).count <= 5)
        #expect(MeterID.fitted("a", hashing: ["ab", "c"]) != MeterID.fitted("a", hashing: ["a", "bc"]))
    }

    @Test(arguments: [
        ("/dev/ttyUSB0", "dev-ttyusb0-"), ("Haus Nord", "haus-nord-"), ("lgz1", "lgz1-"), ("漢字", "meter-"),
        ("", "meter-"),
        ("--a--b--", "a-b-"), ("A_B", "a_b-"),
        (String(repeating: "x", count: 500), String(repeating: "x", count: 40) + "-"),
    ]) func `every other id is made to fit and gets a short hash`(text: String, prefix: String) {
        let level = MeterID.level(text)
        #expect(level.hasPrefix(prefix) && level.utf8.count == prefix.utf8.count + 8, "\(level)")
    }

    @Test(arguments: ["", "0", "0000000000", "FFFFFFFF", "ffff", "20202020", "12345", "unknown", "UNKNOWN", "   "])
    func `fillers are no ids`(text: String) { #expect(MeterID.isPlaceholder(text, words: ["12345", "unknown"])) }

    @Test(arguments: ["10487029", "123456", "0901454d", "F1", "2021", "090"]) func `real ids are`(text: String) {
        #expect(!MeterID.isPlaceholder(text, words: ["12345", "unknown"]))
    }

    @Test(arguments: [("LGZ1030655900017", "lgz1030655900017"), ("10487029", "10487029"), ("0a01ff", "0a01ff")])
    func `a plain id is only lower-cased`(text: String, expected: String) { #expect(MeterID.level(text) == expected) }

    @Test func `an id of the user stays as it is when it fits`() {
        #expect(MeterID.level(given: "aew-1") == "aew-1")
        #expect(MeterID.level(given: "Haus Nord").hasPrefix("haus-nord-"))
    }

    @Test func `nothing from a payload adds a level or a wildcard, and different ids stay different`() {
        let alphabet = Array("aZ09/+#$ \0\n\"\\é\u{202e}漢-_.:")
        var levels: [String: String] = [:]
        for _ in 0..<5000 {
            let text = String((0..<Int.random(in: 0...80)).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
            let level = MeterID.level(text)
            #expect(!level.isEmpty && level.utf8.count <= 64)
            #expect(
                level.utf8.allSatisfy {
                    (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f
                })
            if let other = levels[level] { #expect(other.lowercased() == text.lowercased(), "\(other) and \(text)") }
            levels[level] = text
        }
    }
}
