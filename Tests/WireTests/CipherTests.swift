// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Wire

/// The library's cipher and digest against published examples (the GCM specification's test cases 1, 3, 13 and 14; FIPS 180-4).
struct CipherTests {
    private static func bytes(_ digits: String) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0..<$0 + 2]), radix: 16) }
    }

    private static let zeros = String(repeating: "00", count: 16)
    private static let text =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"

    @Test(
        "AES-GCM gives the published ciphertext and tag",
        arguments: [
            (zeros, "000000000000000000000000", "", "", "58e2fccefa7e3061367f1d57a4e7455a"),
            (
                "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", text,
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
                "4d5c2af327cd64a62cf35abd2ba6fab4"
            ),
            (zeros + zeros, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
            (
                zeros + zeros, "000000000000000000000000", zeros, "cea7403d4d606b6e074ec5d3baf39d18",
                "d0d1c8a799996bf0265b98b5d48ab919"
            ),
        ])
    func gcm(key: String, nonce: String, text: String, ciphertext: String, tag: String) throws {
        let sealed = try #require(AESGCM.seal(Self.bytes(text), key: Self.bytes(key), nonce: Self.bytes(nonce)))
        #expect(sealed.ciphertext == Self.bytes(ciphertext))
        #expect(sealed.tag == Self.bytes(tag))
    }

    @Test(
        "a key or a nonce of another length is none",
        arguments: [(15, 12), (24, 12), (0, 12), (16, 8), (16, 16), (32, 0)])
    func lengths(key: Int, nonce: Int) {
        let sealed = AESGCM.seal(
            [1], key: [UInt8](repeating: 0, count: key), nonce: [UInt8](repeating: 0, count: nonce))
        #expect(sealed == nil)
    }

    @Test("what is authenticated changes the tag and nothing else")
    func additional() throws {
        let (key, nonce) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 12))
        let one = try #require(AESGCM.seal([3, 4], key: key, nonce: nonce, authenticating: [5]))
        let other = try #require(AESGCM.seal([3, 4], key: key, nonce: nonce, authenticating: [6]))
        #expect(one.ciphertext == other.ciphertext)
        #expect(one.tag != other.tag)
    }

    @Test("SHA-256 gives the published digests")
    func digest() {
        #expect(
            SHA256.hexadecimal(of: Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.hexadecimal(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
