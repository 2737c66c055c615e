// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// A profile that a user wrote: whatever it says, it loads or has problems with a place.
struct ProfileTarget: FuzzTarget {
    mutating func run(_ bytes: [UInt8]) {
        let problems = ProblemList()
        let text = String(decoding: bytes, as: UTF8.self)
        guard let root = YAMLLoader.load(text, file: "fuzz.yaml", problems: problems) else {
            precondition(!problems.sorted.isEmpty)
            return
        }
        let loader = ProfileLoader(problems: problems)
        let profile = loader.load(root) { name, _ in ProfileLoader.shipped(name, problems: problems) }
        if let profile { _ = profile.source.annotatedText() }
        for problem in problems.sorted { _ = problem.description }
    }
}

/// A `bridge.yaml` that a user wrote, without the files that it names.
struct ConfigurationTarget: FuzzTarget {
    mutating func run(_ bytes: [UInt8]) {
        // What is not there costs less than what is.
        let loader = ConfigurationLoader(environment: ["HOME": "/nowhere"])
        let configuration = loader.load(String(decoding: bytes, as: UTF8.self), file: "/nowhere/bridge.yaml")
        let problems = loader.problems.sorted
        precondition(configuration != nil || problems.contains { !$0.isWarning })
        for problem in problems { _ = problem.description }
    }
}

/// A label dictionary that a user wrote.
struct LabelsTarget: FuzzTarget {
    mutating func run(_ bytes: [UInt8]) {
        do throws(LabelDictionaryError) {
            _ = try LabelDictionary.load(yaml: String(decoding: bytes, as: UTF8.self), path: "fuzz.yaml")
        } catch {
            precondition(!"\(error)".isEmpty)
        }
    }
}
