// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Adapters

/// Keys as people paste them, and that nothing shows them.
@Suite struct MeterKeysTests {
    private static let key = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"

    @Test(arguments: [
        "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF", "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD AE AF", "A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:AA:AB:AC:AD:AE:AF",
        "A0A1A2A3-A4A5A6A7-A8A9AAAB-ACADAEAF\r",
    ])
    func `a key is read in every spelling`(text: String) throws {
        #expect(try MeterKeys(decryption: text).decryption == (0xA0...0xAF).map { UInt8($0) })
    }

    @Test(arguments: ["", "A0", "A0A1A2A3A4A5A6A7A8A9AAABACADAEA", "A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0", "ZZ"])
    func `what is no key is refused without being shown`(text: String) {
        #expect {
            _ = try MeterKeys(decryption: text)
        } throws: { error in
            let sentence = "\(error)"
            return sentence.contains("\"decryption_key\" is 32 hexadecimal digits")
                && (text.count < 3 || !sentence.contains(text))
        }
    }

    @Test func `two keys of different lengths are refused`() {
        #expect(throws: MeterKeyError.self) {
            _ = try MeterKeys(decryption: Self.key, authentication: Self.key + Self.key)
        }
    }

    @Test func `nothing prints a key`() throws {
        let options = AdapterOptions(keys: try MeterKeys(decryption: Self.key, authentication: Self.key))
        var dumped = ""
        dump(options, to: &dumped)
        let adapter = P1Adapter(options: options)
        dump(adapter, to: &dumped)
        dump(adapter.makeDecoder(), to: &dumped)
        dumped += "\(options) \(String(reflecting: options)) \(adapter) \(String(reflecting: adapter.makeDecoder()))"
        for part in ["160, 161", "- 160", "A0A1", "a0a1"] { #expect(!dumped.contains(part)) }
        #expect(dumped.contains("keys (not shown)"))
    }
}
