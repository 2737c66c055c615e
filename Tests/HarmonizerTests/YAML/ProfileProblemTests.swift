// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What a person reads who made a mistake in a profile.
@Suite struct ProfileProblemTests {
    private func problems(_ yaml: String, files: [String: String] = [:]) -> [String] {
        let problems = ProblemList()
        guard let root = YAMLLoader.load(yaml, file: "p.yaml", problems: problems) else {
            return problems.sorted.map(\.description)
        }
        let loader = ProfileLoader(problems: problems)
        _ = loader.load(root) { name, _ in
            if let text = files[name] { return YAMLLoader.load(text, file: name, problems: problems) }
            return ProfileLoader.shipped(name, problems: problems)
        }
        return problems.sorted.map(\.description)
    }

    static let mistakes: [(String, String)] = [
        ("registers: {\"1-0:1.8.0\": {unit: kWatt}}", "p.yaml:1:33: error: unknown unit \"kWatt\""),
        (
            "registers: {\"1.8.0\": {alias: a}, \"1-0:1.8.0\": {alias: b}}",
            "p.yaml:1:34: error: 1-0:1.8.0 is listed twice, first at p.yaml:1"
        ),
        ("registers: {Pi: {unit: W}}", "p.yaml:1:13: error: \"Pi\" is no OBIS code; write it as 1-0:1.8.0"),
        (
            "registers: {\"1-0:1.8.0\": {unti: kWh}}",
            "p.yaml:1:27: error: unknown key \"unti\" in a register, did you mean \"unit\"?"
        ),
        ("registers: {\"1-0:1.8.0\": {alias: energy_export}}", "error: the alias \"energy_export\" is taken at "),
        (
            "registers: {\"1-0:1.8.0\": {alias: Bezug kWh}}",
            "p.yaml:1:34: error: an alias has small letters, digits and _ only, not \"Bezug kWh\""
        ),
        ("registers: {\"1-0:1.8.0\": {range: [5, 1]}}", "p.yaml:1:34: error: \"range\" is [lowest, highest]"),
        (
            "registers: {\"1-0:1.8.0\": {decimals: x}}",
            "p.yaml:1:37: error: \"decimals\" is a whole number from 0 to 12, not \"x\""
        ),
        (
            "topics: {state: \"{root}/state\"}",
            "p.yaml:1:17: error: the topic of \"state\" has no {meter}: harmonized/v1/state"
        ),
        (
            "topics: {state: {topic: \"{root}/+/{meter}\"}}",
            "error: the topic of \"state\" has \"+\" in it: harmonized/v1/+/{meter}"
        ),
        (
            "topics: {state: {topic: \"{root}/meter/{meter}/reading\"}}",
            "error: \"state\" and \"reading\" are published on the same topic"
        ),
        ("topics: {root: smartmeter}", "is published below smartmeter/, where readers publish their raw messages"),
        ("topics: {state: {qos: 2}}", "p.yaml:1:23: error: \"qos\" is a whole number from 0 to 1, not \"2\""),
        ("fixes: {time.missing: repair}", "p.yaml:1:23: error: unknown time.missing \"repair\""),
        (
            "fixes: {time.mising: fix}",
            "p.yaml:1:9: error: unknown key \"time.mising\" in fixes, did you mean \"time.missing\"?"
        ),
        (
            "groups: {quiet: soon}",
            "p.yaml:1:17: error: \"quiet\" is a time span such as 500ms, 30s, 5m, 2h or 7d, not \"soon\""
        ),
        (
            "derived: {\"1-0:16.7.0\": {max_age: long}}",
            "p.yaml:1:35: error: \"max_age\" is \"same reading\" or a number of intervals, not \"long\""
        ),
        ("extends: harmonised", "p.yaml:1:10: error: no profile \"harmonised\", did you mean \"harmonized\"?"),
        ("extends: mine.yaml", "p.yaml:1:10: error: cannot read the profile \"mine.yaml\""),
        ("colour: red", "p.yaml:1:1: error: unknown key \"colour\" in a profile"),
        ("registers: [a", "error: not YAML: "),
        ("a: 1\na: 2", "the key \"a\" stands here more than once"),
    ]

    @Test(arguments: mistakes) func `a mistake is named with its place`(yaml: String, expected: String) {
        let found = problems(yaml)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test func `profiles that extend each other are a circle`() {
        let found = problems("extends: a.yaml", files: ["a.yaml": "extends: b.yaml", "b.yaml": "extends: a.yaml"])
        #expect(found.contains { $0.contains("profiles extend each other in a circle") })
    }

    @Test func `all mistakes of a file come in one pass, by place`() {
        let found = problems(
            "registers: {\"1-0:1.8.0\": {unit: x1}, \"1-0:2.8.0\": {unit: x2}}\ngroups: {quiet: soon}\n")
        #expect(found.count == 3)
        #expect(found == found.sorted { $0.prefix(9) < $1.prefix(9) })
    }

    @Test func `a value keeps the place it comes from`() throws {
        let problems = ProblemList()
        let root = try #require(
            YAMLLoader.load("registers:\n  \"1.8.1\": {alias: day}\n", file: "mine.yaml", problems: problems))
        let profile = try #require(
            ProfileLoader(problems: problems).load(root) { name, _ in ProfileLoader.shipped(name, problems: problems) })
        let lines = profile.source.annotatedText().split(separator: "\n")
        #expect(lines.contains { $0.contains("alias: day") && $0.hasSuffix("# mine.yaml:2") })
        #expect(lines.contains { $0.contains("unit: kWh") && $0.contains("# harmonized.yaml:") })
    }
}
