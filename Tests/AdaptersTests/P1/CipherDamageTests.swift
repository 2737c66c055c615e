// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

/// Encrypted frames that are cut, changed and glued at random.
@Suite struct CipherDamageTests {
    private static func frame() throws -> [UInt8] {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return Array(try Data(contentsOf: folder.appendingPathComponent("p1/encrypted-luxembourg.payload")))
    }

    private static func decoder() throws -> P1Decoder {
        P1Decoder(policy: .repair, keys: try MeterKeys(decryption: "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"))
    }

    @Test func `every cut into two pieces is put together`() throws {
        let frame = try Self.frame()
        var decoder = try Self.decoder()
        for cut in 2..<frame.count {
            #expect(decoder.decode(Array(frame[..<cut])) == .fragment)
            #expect(decoder.decode(Array(frame[cut...])).telegrams.count == 1)
        }
    }

    @Test func `no changed bit is read`() throws {
        let frame = try Self.frame()
        for bit in 0..<(frame.count * 8) {
            var changed = frame
            changed[bit / 8] ^= 1 << (bit % 8)
            var decoder = try Self.decoder()
            #expect(decoder.decode(changed).telegrams.isEmpty, "bit \(bit)")
        }
    }

    @Test(arguments: 0..<8) func `after any damage the second good frame is read`(seed: UInt64) throws {
        let good = try Self.frame()
        var random = SplitMix64(state: seed)
        var decoder = try Self.decoder()
        for _ in 0..<100 {
            var bytes = good
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(Int.random(in: 0..<bytes.count, using: &random)...)
            case 1: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.removeFirst(Int.random(in: 0..<bytes.count, using: &random))
            default:
                let noise = (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
                bytes.insert(contentsOf: noise, at: Int.random(in: 0...bytes.count, using: &random))
            }
            _ = decoder.decode(bytes)
            let first = decoder.decode(good).telegrams.count
            let second = decoder.decode(good).telegrams.count
            // A damaged length can swallow what follows, until the deadline gives the frame up.
            if first + second == 0 {
                _ = decoder.abandon()
                #expect(decoder.decode(good).telegrams.count == 1)
            }
        }
    }
}
