// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import Machine
@testable import PlugTest

/// Configuration files that nobody writes on purpose: each ends with a mistake and its place, and takes no more time and memory
/// than its size explains.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct HostileConfigurationTests {
    struct File: CustomTestStringConvertible {
        let name: String
        let text: String
        /// A part of the first mistake.
        let mistake: String
        var testDescription: String { name }
    }

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    /// Nine lists of nine aliases each: 387 million values in some hundred bytes.
    private static let bomb =
        "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        + zip("abcdefgh", "bcdefghi").map { last, next in
            "\(next): &\(next) [\(Array(repeating: "*\(last)", count: 9).joined(separator: ", "))]\n"
        }.joined()

    static let files = [
        File(name: "lists in lists", text: repeated("[", 100_000), mistake: "not YAML: "),
        File(name: "mappings in mappings", text: repeated("{a: ", 100_000), mistake: "not YAML: "),
        File(name: "dashes", text: repeated("- ", 100_000), mistake: "not YAML: "),
        File(
            name: "a stair", text: (0..<2000).map { repeated(" ", $0) + "a:\n" }.joined(), mistake: "not YAML: "),
        File(name: "a depth that is YAML", text: repeated("[", 900) + repeated("]", 900), mistake: "mapping of keys"),
        File(name: "aliases of aliases", text: bomb, mistake: "aliases"),
        File(name: "an alias of itself", text: "a: &a [*a]", mistake: "not YAML: "),
        File(name: "a long key", text: repeated("k", 1_000_000) + ": 1", mistake: "not YAML: "),
        File(name: "a long word", text: "zone: \(repeated("k", 200_000))", mistake: "cannot be loaded"),
        File(
            name: "many unknown keys", text: (0..<5000).map { "key\($0): 1\n" }.joined(),
            mistake: "unknown key \"key0\""),
        File(name: "a key many times", text: repeated("zone: UTC\n", 5000), mistake: "more than once"),
        File(name: "no end of a variable", text: "zone: \"\(repeated("${", 50_000))\"", mistake: "cannot be loaded"),
        File(
            name: "variables in variables", text: "zone: \(repeated("${A:-", 5000))\(repeated("}", 5000))",
            mistake: "cannot be loaded"),
        File(name: "NUL", text: "zone: U\0TC", mistake: "not YAML: "),
        File(name: "control characters", text: "zone: \"\\e[2J\\u202e\"", mistake: "cannot be loaded"),
        File(name: "two documents", text: "zone: UTC\n---\nzone: UTC\n", mistake: "not YAML: "),
        File(name: "a tag", text: "sources: !!python/object/apply:os.system [reboot]", mistake: "not a list"),
        File(name: "binary", text: String(decoding: (0...255).map { UInt8($0) }, as: UTF8.self), mistake: "not YAML: "),
    ]

    @Test(arguments: files) func `it ends with a mistake and its place`(file: File) throws {
        let loader = ConfigurationLoader(environment: [:])
        #expect(loader.load(file.text, file: "bridge.yaml") == nil)
        let errors = loader.problems.sorted.filter { !$0.isWarning }
        let first = try #require(errors.first)
        #expect(errors.contains { $0.message.contains(file.mistake) }, "\(errors.prefix(3))")
        #expect(first.mark.line >= 1 && first.mark.column >= 0)
        let printed = Terminal.escaped("\(first)")
        #expect(AttackTests.isHarmless(printed), "\(printed.prefix(300))")
    }

    @Test func `an alias that is used as people use it is read`() throws {
        let text = """
            zone: UTC
            sources:
              one: &reader {adapter: gplug, labels: gplug-d, subscribe: tele/one/SENSOR}
              two: {adapter: gplug, labels: gplug-d, subscribe: tele/two/SENSOR, fixes: &fixes {counter.decrease: flag}}
              three: {adapter: gplug, labels: gplug-d, subscribe: tele/three/SENSOR, fixes: *fixes}
            """
        let loader = ConfigurationLoader(environment: [:])
        #expect(loader.load(text, file: "bridge.yaml")?.sources.count == 3, "\(loader.problems.sorted)")
    }

    /// The shipped examples.
    private static let examples: [[UInt8]] = {
        let folder = DocumentationTests.root.appendingPathComponent("Examples")
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().compactMap {
            (try? Data(contentsOf: folder.appendingPathComponent($0))).map { Array($0) }
        }
    }()

    /// 150 a run; with OBIS_ATTACK in the environment twenty times as many.
    private static let rounds = ProcessInfo.processInfo.environment["OBIS_ATTACK"] == nil ? 25 : 500

    @Test(arguments: 0..<6) func `a damaged example is a configuration or has a mistake with a place`(
        seed: UInt64
    ) throws {
        var random = SplitMix64(state: seed)
        for _ in 0..<Self.rounds {
            let example = try #require(Self.examples.randomElement(using: &random))
            let bytes = example.damaged(marks: "[]{}:,-#&*!|>'\"%@`?~${\n\t ", using: &random)
            let text = String(decoding: bytes, as: UTF8.self)
            let loader = ConfigurationLoader(environment: [:])
            let configuration = loader.load(text, file: "/nowhere/bridge.yaml")
            let errors = loader.problems.sorted.filter { !$0.isWarning }
            #expect((configuration == nil) == !errors.isEmpty)
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
            for error in errors where error.mark.file == "/nowhere/bridge.yaml" {
                #expect((1...(lines + 1)).contains(error.mark.line), "\(error)")
            }
        }
    }
}
