// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

@Suite struct P1TimeTests {
    static let summer2024 = WallTime(year: 2024, month: 6, day: 28, hour: 10, minute: 43, second: 43)

    @Test(arguments: ["240628104343S", "240628104343s", "07E8061C050A2B2B00FF8880", "07E8061C050A2B2B00007880"])
    func `S and the daylight-saving bit are summer time`(text: String) throws {
        #expect(Self.parse(text) == .seasonal(try #require(Self.summer2024), isSummer: true))
    }

    @Test(arguments: ["240628104343W", "07E8061C050A2B2B00FF8800"])
    func `W is standard time, in June too`(text: String) throws {
        #expect(Self.parse(text) == .seasonal(try #require(Self.summer2024), isSummer: false))
    }

    @Test(arguments: ["240628104343", "20240628 10:43:43", "07E8061C050A2B2B00800000"])
    func `without a letter it is local time`(text: String) throws {
        #expect(Self.parse(text) == .local(try #require(Self.summer2024)))
    }

    @Test func `octets with deviation zero are UTC`() throws {
        #expect(Self.parse("07E8061C050A2B2B00000000") == .instant(try #require(Self.summer2024).instant(offset: 0)))
    }

    @Test(arguments: [
        "632525252525S", "35255255255255255S", "000000000000W", "250000000000W", "123412341234W", "213112235959W",
        "220201000000T", "240628", "(", "2024062810:43:43 ", "ZZE8061C050A2B2B00FF8880",
    ])
    func `what is no date is kept as sent`(text: String) {
        #expect(Self.parse(text) == .invalid(text.trimmingSuffix(" ")))
    }

    @Test(arguments: ["", " "]) func `nothing is no time`(text: String) { #expect(Self.parse(text) == nil) }

    @Test(arguments: ["700101010000W", "000101010000W", "000101000001W"])
    func `a clock that was never set is no time of a register`(text: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer(P1Time.ofRegister) == .invalid(text))
    }

    private static func parse(_ text: String) -> RawTime? {
        Array(text.utf8).withUnsafeBufferPointer(P1Time.parse)
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }
}
