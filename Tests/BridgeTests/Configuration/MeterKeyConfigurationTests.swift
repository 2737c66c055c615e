// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration

/// The keys of an encrypted meter in `bridge.yaml`, and what people read when something is wrong with them.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct MeterKeyConfigurationTests {
    private static let key = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"

    private func problems(_ source: String, in folder: TemporaryDirectory) -> [String] {
        let loader = ConfigurationLoader(environment: ["METER_KEY": Self.key])
        _ = loader.load("sources: {smarty: {adapter: p1, \(source)}}", file: "\(folder.path)/bridge.yaml")
        return loader.problems.sorted.map(\.description).map { $0.replacing("\(folder.path)/", with: "") }
    }

    @Test func `a key is taken from a file, the environment or the line itself`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("meter.key", "A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD AE AF\nnotes\n")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: "\(folder.path)/meter.key")
        for source in [
            "decryption_key_file: meter.key", "decryption_key: \(Self.key)", "decryption_key: \"${METER_KEY}\"",
        ] {
            #expect(problems(source, in: folder) == [])
        }
    }

    @Test func `a key file that everybody can read is warned of`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("meter.key", Self.key)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: "\(folder.path)/meter.key")
        let found = problems("decryption_key_file: meter.key", in: folder)
        #expect(
            found == ["bridge.yaml:1:54: warning: everybody on this computer can read meter.key: chmod 600"])
    }

    @Test(arguments: [
        (
            "decryption_key: A0A1",
            "\"decryption_key\" is 32 hexadecimal digits (64 for AES-256, both keys alike); this has 4"
        ),
        ("decryption_key_file: no.key", "cannot read decryption_key_file \"no.key\": no such file or directory"),
        ("authentication_key: \(key)", "\"authentication_key\" needs a \"decryption_key\" beside it"),
        (
            "decryption_key: \(key), authentication_key: no",
            "\"authentication_key\" is 32 hexadecimal digits (64 for AES-256, both keys alike); this has other characters"
        ),
        (
            "decryption_key: \(key), decryption_key_file: a.key",
            "write \"decryption_key\" or \"decryption_key_file\", not both"
        ),
        ("decryption_kye: \(key)", "unknown key \"decryption_kye\" in a source, did you mean \"decryption_key\"?"),
    ])
    func `a mistake is said without the key`(source: String, sentence: String) throws {
        let folder = try TemporaryDirectory()
        let found = problems(source, in: folder)
        #expect(found.count == 1)
        #expect(found[0].hasSuffix("error: \(sentence)"), "\(found)")
        #expect(!found[0].contains(Self.key))
    }

    @Test func `convert reads with the key, and says what to write without`() throws {
        let folder = try TemporaryDirectory()
        let frame = DocumentationTests.root.appendingPathComponent(
            "Tests/AdaptersTests/Fixtures/p1/encrypted-luxembourg.payload"
        ).path
        try folder.write("meter.key", Self.key)
        try folder.write("with.yaml", "zone: UTC\nsources: {smarty: {adapter: p1, decryption_key_file: meter.key}}\n")
        try folder.write("without.yaml", "zone: UTC\nsources:\n  smarty: {adapter: p1}\n")
        func convert(_ configuration: String) throws -> ChildProcess {
            try ChildProcess(
                RunningBridge.program,
                ["convert", "--source", "smarty", "--config", "\(folder.path)/\(configuration)", frame])
        }
        let with = try convert("with.yaml")
        #expect(with.wait() == 0)
        #expect(
            with.output.value.lines.contains { $0.contains(#"\"1-0:1.8.0\":{\"value\":2131.115,\"unit\":\"kWh\"}"#) })
        let without = try convert("without.yaml")
        #expect(without.wait() == 1)
        #expect(
            without.output.value.lines.contains {
                $0.contains("source \"smarty\"") && $0.contains("without.yaml:3")
                    && $0.contains("write \"decryption_key_file: FILE\"")
            }, "\(without.output.value.lines)")
        for process in [with, without] { #expect(!process.output.value.lines.joined().contains(Self.key)) }
    }
}
