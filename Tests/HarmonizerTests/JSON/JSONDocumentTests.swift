// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Harmonizer

@Suite struct JSONDocumentTests {
    private func parse(_ text: String) throws -> JSONDocument { try JSONDocument.parse(Array(text.utf8)) }

    /// Everything that a document says, or why it is none.
    private func content(_ text: String) -> String {
        func content(_ value: JSONValue) -> String {
            switch value.kind {
            case .object:
                "{" + value.members.map { "\($0.key.string)=" + content($0.value) }.joined(separator: ";") + "}"
            case .array: "[" + value.elements.map { content($0.value) }.joined(separator: ";") + "]"
            default: "\(value.kind):\(value.literal.string):\(value.decimal?.description ?? "-")"
            }
        }
        do throws(Rejection) {
            let document = try JSONDocument.parse(Array(text.utf8))
            return content(document.root) + "\(document.leniencies)"
        } catch {
            return "\(error.reason)"
        }
    }

    /// Members without blanks, or with one, are read in a shorter way than others.
    @Test func `whatever stands behind commas and colons, a document says the same`() {
        let values = [
            "1", "-1", "0", "-0", "00", "01", "1.", ".5", "1.50", "1.5e3", "+1", "-", "1-", "nan", "-inf", "null",
            "true", "tru",
            "\"\"", "\"x\"", "\"a\\\"b\"", "\"a\\\\\"", "\"\u{1}\"", "\"ü\"", "\"open", "{}", "[]", "[1,2]",
            "{\"a\":1}", "", "1 ", "1}", "12345678901234567890",
        ]
        let keys = ["a", "", "a b", "a\\\"b", "\u{2}", "Zähler"]
        var random = SplitMix64(state: 7)
        for _ in 0..<4000 {
            let members = (0..<random.number(0...4)).map { _ in
                (random.element(of: keys), random.element(of: values))
            }
            let ending = random.element(of: ["}", "}", "}", ",}", "", "]", "} x"])
            func text(_ comma: String, _ colon: String) -> String {
                "{" + members.map { "\"\($0.0)\"\(colon)\($0.1)" }.joined(separator: comma) + ending
            }
            let usual = text(",", ":")
            #expect(content(usual) == content(text(",  ", ":  ")), "\(usual)")
            #expect(content(usual) == content(text(", ", ": ")), "\(usual)")
        }
    }

    @Test func `numbers keep the digits of the wire`() throws {
        let root = try parse(#"{"Total":3094.6729817,"P":-59.50,"E":1.5e3,"id":3130343837303239}"#).root
        #expect(root["Total"]?.decimal?.description == "3094.6729817")
        #expect(root["P"]?.literal.string == "-59.50")
        #expect(root["P"]?.decimal == ExactDecimal("-59.5"))
        #expect(root["E"]?.decimal == ExactDecimal(1500))
        #expect(root["id"]?.literal.string == "3130343837303239")
    }

    @Test func `a number of 34 digits is no decimal, and its digits are there`() throws {
        let digits = "4530303235303030303639363432393136"
        let value = try #require(try parse(#"{"SMid":\#(digits)}"#).root["SMid"])
        #expect(value.decimal == nil)
        #expect(value.literal.string == digits)
    }

    @Test func `a number in quotes is a number for those who ask for it`() throws {
        let value = try #require(try parse(#"{"Verbrauch Tag":"2.98"}"#).root["Verbrauch Tag"])
        #expect(value.decimal == nil)
        #expect(value.quotedDecimal == ExactDecimal("2.98"))
        #expect(value.text == "2.98")
    }

    @Test func `members keep their order and their repetitions`() throws {
        let root = try parse(#"{"":{"a":1},"Total_IN":1200.45,"Total_IN":800.10,"Zähler +":[1,{"b":2},3]}"#).root
        #expect(root.members.map(\.key.string) == ["", "Total_IN", "Total_IN", "Zähler +"])
        #expect(root["Total_IN"]?.decimal == ExactDecimal("1200.45"))
        #expect(root.count(of: "Total_IN") == 2)
        #expect(root[""]?["a"]?.decimal == ExactDecimal(1))
        #expect(root["Zähler +"]?.elements.map(\.value.kind) == [.number, .object, .number])
        #expect(root["a"] == nil)
        #expect(root["Total_IN"]?.members.map(\.key.string) == [])
    }

    @Test(arguments: [
        (#""a\"b\\c\/\b\f\n\r\t""#, "a\"b\\c/\u{8}\u{c}\n\r\t"),
        (#""\u00e4\u20AC\ud83d\ude00""#, "ä€😀"),
        (#""\ud83d!""#, "\u{FFFD}!"),
        (#""""#, ""),
    ]) func `escapes are resolved`(json: String, expected: String) throws {
        let document = try parse(json)
        #expect(document.root.text == expected)
        #expect(document.leniencies.isEmpty)
    }

    @Test(arguments: [
        (#"{"Temperature":nan,"Pi":1}"#, [JSONLeniency.notANumber], "1"),
        (#"{"a":-inf,"b":Infinity,"c":NaN,"Pi":1}"#, [.notANumber], "1"),
        (#"{"z":{"a":0.00  },"Pi":12  }"#, [], "12"),
        (#"{"Pi":12,"z":{"a":0.00  }"#, [.missingEnd], "12"),
        (#"{"Pi":12,"z":{"a":"x""#, [.missingEnd], "12"),
        (#"{"Pi":12,}"#, [.trailingComma], "12"),
        (#"{"Pi":12,"Button":[1,2,],}"#, [.trailingComma], "12"),
        (#"{"id":"/KFM5\2KAIFA","Pi":5}"#, [.bareBackslash], "5"),
        (#"{"id":"ISK5\u2M","Pi":5}"#, [.bareBackslash], "5"),
        ("{\"id\":\"a\tb\",\"Pi\":5}", [.controlCharacter], "5"),
        (#"{"a":nan,"Pi":007.50,}"#, [.notANumber, .trailingComma, .numberForm], "7.5"),
        (#"{"Pi":+.5}"#, [.numberForm], "0.5"),
    ]) func `faults that leave no doubt are overlooked and told`(
        json: String, leniencies: [JSONLeniency], value: String
    ) throws {
        let document = try parse(json)
        #expect(document.leniencies == leniencies)
        #expect(document.root["Pi"]?.decimal?.description == value)
        #expect(document.repairs.map(\.rule) == leniencies.map { _ in .payloadLenient })
    }

    @Test func `a backslash that starts no escape stands for itself`() throws {
        #expect(try parse(#""/KFM5\2KAIFA \K \u12""#).root.text == #"/KFM5\2KAIFA \K \u12"#)
        #expect(try parse(#"{"a":nan}"#).root["a"]?.kind == .null)
    }

    @Test(arguments: [
        ("", 0, "expected a value, found the end"),
        ("  ", 2, "expected a value, found the end"),
        ("Online", 0, "expected a value"),
        (#"{"z":{ this is not json "#, 7, "expected a key in quotes"),
        (#""Time":"2017-10-02T19:24:32", "Total":1.753}"#, 6, "more text behind the end"),
        (#"{"a":,"b":1}"#, 5, "expected a value"),
        (#"{"a":}"#, 5, "expected a value"),
        (#"{"a":1,"b":"#, 11, "expected a value, found the end"),
        (#"{"a":1,"#, 7, "the payload ends where a value must follow"),
        (#"{"a":{"#, 6, "the payload ends where a value must follow"),
        (#"{"a":123.4"#, 10, "the payload ends within a number"),
        (#"{"a":"12"#, 5, "text without a closing quote"),
        (#"{"a" 1}"#, 5, "expected : behind a key"),
        (#"{"a":1 "b":2}"#, 7, "expected , or }"),
        (#"[1 2]"#, 3, "expected , or ]"),
        (#"{"a":1}}"#, 7, "more text behind the end"),
        (#"{"a":-}"#, 6, "expected a digit"),
        (#"{"a":1e}"#, 7, "expected a digit of the exponent"),
        (#"{"a":nano}"#, 5, "expected a value"),
        (#"{'a':1}"#, 1, "expected a key in quotes"),
    ]) func `what cannot be understood is refused at its place`(json: String, position: Int, detail: String) {
        #expect(throws: Rejection(.json, at: position, detail)) { try parse(json) }
    }

    @Test func `nesting, values and bytes have limits`() throws {
        let deepest = String(repeating: "[", count: 16) + "1" + String(repeating: "]", count: 16)
        #expect(try parse(deepest).leniencies.isEmpty)
        #expect(throws: Rejection(.tooLarge, at: 16, "nested deeper than 16")) { try parse("[" + deepest + "]") }
        #expect(throws: Rejection(.tooLarge, at: 16, "nested deeper than 16")) {
            try parse(String(repeating: "[", count: 1_000_000))
        }
        let most = "[" + String(repeating: "1,", count: 1998) + "1]"
        #expect(try parse(most).root.elements.reduce(0) { count, _ in count + 1 } == 1999)
        #expect(throws: Rejection(.tooLarge, at: 3999, "more than 2000 values")) {
            try parse("[" + String(repeating: "1,", count: 1999) + "1]")
        }
        #expect(throws: Rejection(.tooLarge, at: 1 << 20, "more than 1048576 bytes")) {
            try parse(String(repeating: " ", count: 1 << 20 + 1))
        }
    }

    private static let seeds: [[UInt8]] = [
        #"{"Time":"2026-09-11T14:49:11","z":{"SMid":"31303438","Pi":0.000,"Po":14.421},"SMA":{"Iac":null,"x":-1e-3},"U":"C"}"#,
        #"{"StatusSNS":{"Time":"1970-01-01T00:00:03","":{"A":[1.5,nan,true],"ä\u00e4\"\\2":-inf,"":0,"":""}}}"#,
        #" [ {} , [ ] , "\ud83d\ude00\2" , 00012.50 , false ] "#,
    ].map { Array($0.utf8) }

    /// Reads everything that can be asked of a document.
    private func walk(_ value: JSONValue) {
        _ = (value.text, value.decimal, value.quotedDecimal, value.literal.string, value.position)
        for member in value.members {
            _ = member.key.string
            walk(member.value)
        }
        for element in value.elements { walk(element.value) }
    }

    @Test(arguments: seeds) func `no prefix of a payload is a trap`(seed: [UInt8]) {
        for length in seed.indices {
            if let document = try? JSONDocument.parse(Array(seed[..<length])) { walk(document.root) }
        }
    }

    @Test(arguments: seeds) func `no mutation of a payload is a trap`(seed: [UInt8]) {
        var generator = SplitMix64(state: UInt64(seed.count))
        let telling = Array(#"{}[]",:\u-+.eE09nNiIatf "#.utf8) + [0, 9, 0x7F, 0x80, 0xC3, 0xFF]
        for _ in 0..<70_000 {
            var payload = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<payload.count, using: &generator)
                let byte = telling.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: payload[place] = byte
                case 1: payload.insert(byte, at: place)
                default: payload.remove(at: place)
                }
            }
            if let document = try? JSONDocument.parse(payload) { walk(document.root) }
        }
    }
}
