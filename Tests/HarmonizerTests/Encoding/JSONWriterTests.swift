// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer

/// What is written is JSON, whatever came in.
@Suite struct JSONWriterTests {
    private func json(_ content: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        content(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("plain é m³ 😀", "\"plain é m³ 😀\""), ("\"\\", "\"\\\"\\\\\""),
        ("\n\t\r\u{0}\u{1b}\u{7f}", "\"\\u000a\\u0009\\u000d\\u0000\\u001b\\u007f\""),
        ("\u{80}\u{85}\u{9f}\u{a0}", "\"\\u0080\\u0085\\u009f\u{a0}\""),
        (
            "\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}",
            "\"\\u200e\\u200f\\u2028\\u2029\\u202a\\u202e\\u2066\\u2069\""
        ),
        ("\u{202f}\u{20ac}", "\"\u{202f}\u{20ac}\""),
        ("\u{200b}\u{61c}\u{feff}\u{e0041}", "\"\\u200b\\u061c\\ufeff\\udb40\\udc41\""), ("", "\"\""),
    ]) func `what moves a cursor or turns the direction is escaped, nothing else`(text: String, expected: String) {
        #expect(json { $0.string(text) } == expected)
    }

    /// Texts are looked at eight bytes at a time.
    @Test func `a byte is escaped wherever it stands, and alone`() {
        for place in 0..<20 {
            for byte in UInt8(0)..<0x80 {
                var bytes = Array(repeating: UInt8(ascii: "a"), count: 20)
                bytes[place] = byte
                let escape =
                    switch byte {
                    case UInt8(ascii: "\""): "\\\""
                    case UInt8(ascii: "\\"): "\\\\"
                    case 0..<0x20, 0x7f: "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                    default: String(UnicodeScalar(byte))
                    }
                let expected = String(repeating: "a", count: place) + escape + String(repeating: "a", count: 19 - place)
                #expect(json { $0.string(String(decoding: bytes, as: UTF8.self)) } == "\"\(expected)\"")
            }
        }
    }

    @Test func `a number is written as it reads`() {
        var random = SplitMix64(state: 3)
        for _ in 0..<5000 {
            var mantissa = Int64(bitPattern: random.next()) >> Int64(random.number(0...63))
            let exponent = random.number(-30...20)
            if mantissa == .min { mantissa += 1 }
            let number = ExactDecimal(mantissa, exponent: exponent)
            // Digits first, then point and zeros where the power of ten puts them.
            var digits = String(number.mantissa.magnitude) + String(repeating: "0", count: max(0, number.exponent))
            let decimals = max(0, -number.exponent)
            if digits.count <= decimals { digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits }
            let whole = digits.dropLast(decimals)
            let expected = (number.isNegative ? "-" : "") + whole + (decimals > 0 ? "." + digits.suffix(decimals) : "")
            #expect(number.description == expected)
            #expect(String(decoding: number.ascii, as: UTF8.self) == expected)
            #expect(json { $0.number(number) } == expected)
        }
    }

    @Test(arguments: [
        ("a/{obis}", "a/1-0:1.8.0*254"), ("{obis}/x", "1-0:1.8.0*254/x"),
        ("{obis}/{obis}", "1-0:1.8.0*254/1-0:1.8.0*254"), ("none", "none"),
        ("{tenant}/{meter}/{obis}", "acme/acme--house/1-0:1.8.0*254"), ("{meter}{bridge}", "acme--house{bridge}"),
        ("{alias}/{meter", "{alias}/{meter"), ("{{meter}/x", "{{meter}/x"),
    ])
    func `a topic has the code wherever the profile says`(pattern: String, topic: String) {
        let stem = TopicStem(pattern, word: "obis")
        #expect(stem.topic(OBISCode(1, 0, 1, 8, 0, stored: 254), of: "acme--house") == topic)
        #expect(stem.topic("1-0:1.8.0*254", of: "acme--house") == topic)
    }

    @Test func `any text comes back as it was`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...30, using: &generator) {
                let highest: UInt32 = Bool.random(using: &generator) ? 0x7f : 0x2fff
                guard let scalar = Unicode.Scalar(UInt32.random(in: 0...highest, using: &generator)) else { continue }
                scalars.append(scalar)
            }
            let text = String(scalars)
            let written = json { json in
                json.object { json in
                    json.member(named: text, text)
                    json.key("list")
                    json.array { $0.string(text) }
                }
            }
            let object = try #require(try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String: Any])
            #expect((object["list"] as? [String])?.first?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        }
    }

    @Test func `commas stand between and nowhere else`() {
        let written = json { json in
            json.object { json in
                json.member("a", "x")
                json.member("none", nil as String?)
                json.key("empty")
                json.object { _ in }
                json.key("list")
                json.array { json in
                    json.number(1)
                    json.object { $0.member("b", Timestamp(seconds: 0)) }
                    json.array { _ in }
                    json.flag(true)
                    json.number(ExactDecimal(-5, exponent: -1))
                }
                json.key("end")
                json.flag(false)
            }
        }
        #expect(
            written
                == #"{"a":"x","empty":{},"list":[1,{"b":"1970-01-01T00:00:00Z"},[],true,-0.5],"end":false}"#)
    }

    @Test func `numbers of any size are JSON`() {
        for number in [
            ExactDecimal(.max), ExactDecimal(.min), ExactDecimal(1, exponent: -40), ExactDecimal(1, exponent: 17),
            .zero,
        ] {
            let written = json { json in json.array { $0.number(number) } }
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(written.utf8)) }
        }
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func `base64 is that of RFC 4648`(text: String, expected: String) {
        #expect(Base64.text(Array(text.utf8)) == expected)
    }

    @Test func `base64 agrees with Foundation`() {
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
            #expect(Base64.text(bytes) == Data(bytes).base64EncodedString())
        }
    }
}
