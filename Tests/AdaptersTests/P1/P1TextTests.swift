// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Adapters

@Suite struct P1TextTests {
    @Test(arguments: [
        ("4530303939", "E0099"), ("3632313339303831202020", "62139081"), ("204B4132", "KA2"),
        ("53414700000000", "SAG"), ("534147FFFFFF", "SAG"),
    ])
    func `hexadecimal of printable text is decoded, without what fills it up`(hexadecimal: String, text: String) {
        #expect(Self.decoded(hexadecimal) == text)
    }

    @Test(arguments: ["", "4", "453", "ADB3100000000019", "10225141", "00000000", "xxxx", "2020"])
    func `everything else is not`(text: String) { #expect(Self.decoded(text) == nil) }

    @Test(arguments: ["", "0000", "FFFF", "ffff", "--", "2D2D2D2D", "20202020", "\0\0"])
    func `fillers are known`(text: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer(P1Text.isFiller))
    }

    @Test(arguments: ["0", "2D2D2D2E", "1111", "2222222222", "0001"]) func `ids are no fillers`(text: String) {
        #expect(!Array(text.utf8).withUnsafeBufferPointer(P1Text.isFiller))
    }

    private static func decoded(_ text: String) -> String? {
        Array(text.utf8).withUnsafeBufferPointer(P1Text.decoded)
    }
}
