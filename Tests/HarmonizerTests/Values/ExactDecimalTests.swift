// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// Digits in, the same digits out.
@Suite struct ExactDecimalTests {
    @Test(arguments: [
        ("000559.373", "559.373"), ("0", "0"), ("-0", "0"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("10", "10"),
        ("100.50", "100.5"), ("-36.250", "-36.25"), ("1.5e3", "1500"), ("1.5E-3", "0.0015"), ("0.000", "0"),
        ("00001540.369", "1540.369"), ("123456789012345678", "123456789012345678"),
        ("0.9410000000000001", "0.9410000000000001"),
        ("235.70000000000002", "235.70000000000002"), ("0e999", "0"), ("1e17", "100000000000000000"),
        ("0000000000000000000000001.5", "1.5"), ("-0.0e-5", "0"),
        ("1.000000000000000000000000000001", "1"),
        ("0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"),
        ("0.12345678901234567890", "0.123456789012345679"),
    ]) func `it is written without zeros and exponents`(text: String, expected: String) throws {
        #expect(try #require(ExactDecimal(text)).description == expected)
    }

    @Test(arguments: [
        "", "-", ".", "e5", "1e", "1.2.3", "0x10", "nan", "inf", "1,5", " 1", "1 ", "--1", "1e9999", "1e19",
        "1234567890123456789", "999999999999999999.5", "1e18", "10e17", "1000000e17", "1000000000000000000.5", "1e-41",
        "1e-999", "1e+-3",
        "1e3.5",
        "٣", "1_000", "+", "+-1", "1e 3", "1ee3",
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
        let texts = [
            "-1e17", "-99999999999999999", "-5.5", "-0.001", "-1e-40", "0", "1e-40", "1e-30", "0.001", "0.0010000001",
            "1",
            "1.00000000000000001", "1.5", "10", "123456789012345678", "123456789012345679", "5e17",
        ]
        let values = try texts.map { try #require(ExactDecimal($0)) }
        #expect(values.shuffled().sorted().map(\.description) == values.map(\.description))
    }

    @Test func `order agrees with the difference`() {
        for _ in 0..<20_000 {
            let one = ExactDecimal(.random(in: -9_999_999...9_999_999), exponent: .random(in: -6...3))
            let two = ExactDecimal(.random(in: -9_999_999...9_999_999), exponent: .random(in: -6...3))
            #expect((one < two) == (one.subtracting(two)?.isNegative ?? false))
            #expect(!(one < one) && one <= one)
        }
        #expect(ExactDecimal(.max) < ExactDecimal(93, exponent: 17))
        #expect(ExactDecimal(-93, exponent: 17) < ExactDecimal(.min))
        #expect(ExactDecimal(.min) < ExactDecimal(.max))
    }

    @Test func `no bytes trap the reader of numbers`() {
        let alphabet = Array("0123456789.eE+-".utf8)
        for _ in 0..<50_000 {
            let bytes = (0..<Int.random(in: 0...40)).map { _ in alphabet[.random(in: alphabet.indices)] }
            guard let value = bytes.withUnsafeBufferPointer({ ExactDecimal(bytes: $0) }) else { continue }
            #expect(value.description.utf8.count <= 61)
            if value.magnitudeOrder <= 18 { #expect(ExactDecimal(value.description) == value) }
            _ = value.rounded(toDecimals: .random(in: 0...12))
        }
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

    /// Against the point set into the digits as people do it.
    @Test func `every digit stands where it belongs, whatever the exponent`() {
        let mantissas: [Int64] =
            Array(0...10_100) + [.max, .min, Int64.min + 1, 999_999_999, 1_000_000_001, -1, -10, -101]
        for mantissa in mantissas {
            for exponent in [-25, -19, -18, -4, -3, -2, -1, 0, 1, 2, 5] where abs(exponent) < 5 || mantissa % 97 == 0 {
                let digits = String(mantissa.magnitude)
                var text = digits + String(repeating: "0", count: max(0, exponent))
                if exponent < 0 {
                    let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
                    let fraction = padded.suffix(-exponent)
                    text = padded.dropLast(-exponent) + "." + fraction
                    while text.hasSuffix("0") { text.removeLast() }
                    if text.hasSuffix(".") { text.removeLast() }
                }
                if mantissa == 0 { text = "0" }
                #expect(ExactDecimal(mantissa, exponent: exponent).description == (mantissa < 0 ? "-" : "") + text)
            }
        }
    }
}
