// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

/// Bytes that are lost, changed, doubled or added at random.
@Suite struct P1DamageTests {
    private static let shapes = [
        P1Sample.telegram(),
        P1Sample.telegram(["0-0:1.0.0(240407122854S)", "1-0:1.8.0(00009621.983*kWh)"], header: "/KAM5"),
        P1Sample.telegram([
            "0-0:96.1.4(50217)", "0-0:96.14.0(0001)", "1-0:1.6.0(240107190000W)(02.589*kW)",
            "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(231101000000W)(231031120000W)(01.747*kW)(231201000000W)(x)(03.260*kW)",
            "1-0:99.97.0(1)(0-0:96.7.19)(000101000001W)(2147483647*s)",
            "0-1:24.3.0(210120100000)(08)(60)(1)(0-1:24.2.1)(m3)",
            "(02100.465)", "0-0:96.13.0(303132)", "1-0:0.9.1(120000)", "0-2:24.2.1(0)",
        ]),
    ]

    @Test(arguments: CRCPolicy.allCases, 0..<8)
    func `after any damage the next good telegram is read`(policy: CRCPolicy, seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        var decoder = P1Decoder(policy: policy)
        let good = P1Sample.telegram()
        var fresh = P1Decoder(policy: policy)
        let expected = fresh.decode(good).telegrams
        for _ in 0..<150 {
            let shape = try #require(Self.shapes.randomElement(using: &random))
            let damaged = shape.damaged(marks: "(!/*)\r\n\\{\u{0}", using: &random)
            if Bool.random(using: &random) {
                _ = decoder.decode(damaged)
            } else {
                let cut = Int.random(in: 0...damaged.count, using: &random)
                _ = decoder.decode(Array(damaged[..<cut]))
                _ = decoder.decode(Array(damaged[cut...]))
            }
            #expect(decoder.decode(good).telegrams.last == expected.last)
            #expect(decoder.openSince == nil)
        }
    }

    @Test(arguments: 0..<8) func `a telegram that lost or changed a digit is never read in part`(seed: UInt64) {
        var random = SplitMix64(state: seed)
        let good = P1Sample.telegram()
        let digits = good.indices.dropLast(8).filter { good[$0] &- UInt8(ascii: "0") <= 9 }
        for _ in 0..<100 {
            var bytes = good
            let index = digits.randomElement(using: &random) ?? 0
            if Bool.random(using: &random) { bytes.remove(at: index) } else { bytes[index] ^= 1 }
            var decoder = P1Decoder(policy: .repair)
            #expect(decoder.decode(bytes).reason == .crc)
        }
    }
}
