// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Digits in, the same digits out.
@Suite struct ExactDecimalTests {
    @Test(arguments: [
        ("000559.373", "559.373"), ("0", "0"), ("-0", "0"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("10", "10"),
        ("100.50", "100.5"), ("-36.250", "-36.25"), ("1.5e3", "1500"), ("1.5E-3", "0.0015"), ("0.000", "0"),
        ("00001540.369", "1540.369"), ("123456789012345678", "123456789012345678"),
        ("0.9410000000000001", "0.9410000000000001"),
        ("235.70000000000002", "235.70000000000002"), ("0.12345678901234567890", "0.123456789012345679"),
    ]) func `it is written without zeros and exponents`(text: String, expected: String) throws {
        #expect(try #require(ExactDecimal(text)).description == expected)
    }

    @Test(arguments: [
        "", "-", ".", "e5", "1e", "1.2.3", "0x10", "nan", "inf", "1,5", " 1", "1 ", "--1", "1e9999", "1e19",
        "1234567890123456789",
    ])
    func `anything else is refused`(text: String) { #expect(ExactDecimal(text) == nil) }

    @Test(arguments: [
        ("0.9410000000000001", 6, "0.941"), ("235.70000000000002", 4, "235.7"), ("2.5", 0, "3"), ("-2.5", 0, "-3"),
        ("2.4", 0, "2"), ("0.0004", 3, "0"), ("0.0005", 3, "0.001"), ("1200", 2, "1200"),
        ("0.00000000000000000001", 3, "0"),
    ]) func `rounding goes away from zero at the half`(text: String, decimals: Int, expected: String) throws {
        #expect(try #require(ExactDecimal(text)).rounded(toDecimals: decimals).description == expected)
    }

    @Test func `a unit change moves the point and nothing else`() {
        #expect(ExactDecimal("25149419.0")?.scaled(byPowerOfTen: -3).description == "25149.419")
        #expect(ExactDecimal("0.010")?.scaled(byPowerOfTen: 3).description == "10")
        #expect(ExactDecimal.zero.scaled(byPowerOfTen: 5) == .zero)
    }

    @Test func `sums are exact or absent`() throws {
        let one = try #require(ExactDecimal("168.754"))
        let two = try #require(ExactDecimal("38.07"))
        #expect(one.adding(two)?.description == "206.824")
        #expect(two.subtracting(one)?.description == "-130.684")
        let large = try #require(ExactDecimal("999999999999999999"))
        #expect(large.adding(try #require(ExactDecimal("0.1"))) == nil)
        #expect(ExactDecimal(.max).adding(ExactDecimal(.max)) == nil)
        #expect(ExactDecimal(0).subtracting(ExactDecimal(.min)) == nil)
    }

    @Test func `order follows the value, however far apart`() throws {
        let texts = ["-1e18", "-5.5", "-0.001", "0", "1e-30", "0.001", "1", "1.5", "10", "123456789012345678", "1e18"]
        let values = try texts.map { try #require(ExactDecimal($0)) }
        #expect(values.shuffled().sorted().map(\.description) == values.map(\.description))
    }

    @Test func `what it writes it reads`() {
        var seed = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = ExactDecimal(
                Int64.random(in: -99_999_999_999_999_999...99_999_999_999_999_999, using: &seed),
                exponent: Int.random(in: -12...0, using: &seed))
            #expect(ExactDecimal(value.description) == value)
        }
    }
}
