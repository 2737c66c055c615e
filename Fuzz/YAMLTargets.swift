// SPDX-License-Identifier: Apache-2.0
import Adapters
import BridgeConfiguration
import Harmonizer

/// A user's profile: with any content, it loads or has problems with a position.
struct ProfileTarget: FuzzTarget {
    /// The profile that it extends: the shipped one with only its first registers, because merging and reading hundreds
    /// of unchanged ones for each input takes long.
    private let base: YAMLNode?

    init() {
        var base = ProfileLoader.shipped("harmonized", problems: ProblemList())
        if case .mapping(var members)? = base?.content {
            for index in members.indices where members[index].key == "registers" {
                guard case .mapping(let registers) = members[index].value.content else { continue }
                members[index].value.content = .mapping(Array(registers.prefix(6)))
            }
            base?.content = .mapping(members)
        }
        self.base = base
    }

    mutating func run(_ bytes: [UInt8]) {
        let problems = ProblemList()
        let text = String(decoding: bytes, as: UTF8.self)
        guard let root = YAMLLoader.load(text, file: "fuzz.yaml", problems: problems) else {
            precondition(!problems.sorted.isEmpty)
            return
        }
        let loader = ProfileLoader(problems: problems)
        let profile = loader.load(root) { name, _ in ProfileLoader.shippedNames.contains(name) ? base : nil }
        if let profile { _ = profile.source.annotatedText() }
        for problem in problems.sorted { _ = problem.description }
    }
}

/// A user's `bridge.yaml`, without the files that it names.
struct ConfigurationTarget: FuzzTarget {
    mutating func run(_ bytes: [UInt8]) {
        // Missing files cost less than existing ones; the host's zone would be read from a file.
        let loader = ConfigurationLoader(environment: ["HOME": "/nowhere", "TZ": "UTC"])
        let configuration = loader.load(String(decoding: bytes, as: UTF8.self), file: "/nowhere/bridge.yaml")
        let problems = loader.problems.sorted
        precondition(configuration != nil || problems.contains { !$0.isWarning })
        for problem in problems { _ = problem.description }
    }
}

/// A user's label dictionary.
struct LabelsTarget: FuzzTarget {
    mutating func run(_ bytes: [UInt8]) {
        do throws(LabelDictionaryError) {
            _ = try LabelDictionary.load(yaml: String(decoding: bytes, as: UTF8.self), path: "fuzz.yaml")
        } catch {
            precondition(!"\(error)".isEmpty)
        }
    }
}
