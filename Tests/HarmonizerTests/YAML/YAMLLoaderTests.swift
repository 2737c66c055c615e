// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// YAML with places, scalars as written.
@Suite struct YAMLLoaderTests {
    private func load(
        _ text: String, environment: ((String) -> String?)? = nil
    ) -> (node: YAMLNode?, problems: [String]) {
        let problems = ProblemList()
        let node = YAMLLoader.load(text, file: "b.yaml", environment: environment, problems: problems)
        return (node, problems.sorted.map(\.description))
    }

    @Test func `every key and value knows its place`() throws {
        let text = """
            # a comment
            sources:
              gplug: {adapter: gplug, labels: [a, b]}
              "two words":
                zone: Europe/Zurich
            """
        let root = try #require(load(text).node)
        guard case .mapping(let top) = root.content, case .mapping(let sources) = top[0].value.content else {
            Issue.record("no mapping")
            return
        }
        #expect(top[0].keyMark.description == "b.yaml:2:1")
        #expect(sources.map(\.keyMark.description) == ["b.yaml:3:3", "b.yaml:4:3"])
        #expect(sources[0].value["adapter"]?.mark.description == "b.yaml:3:20")
        #expect(sources[0].value["labels"]?.mark.lineReference == "b.yaml:3")
        #expect(sources[1].value["zone"]?.mark.description == "b.yaml:5:11")
    }

    @Test(arguments: [
        "012345", "090", "10:30", "no", "off", "0x1F", "1e5", "2026-11-20", "+41", "1_000", "null0", "1.10",
    ])
    func `an id stays the text it is`(id: String) {
        #expect(load("id: \(id)").node?["id"]?.plainText == id)
        #expect(load("ids: [\(id), x]").node?["ids"]?.annotatedText().hasPrefix("[") == true)
    }

    @Test func `nothing, a tilde and null are nothing, in quotes they are texts`() {
        for text in ["", "~", "null", "Null", "NULL"] { #expect(load("a: \(text)").node?["a"]?.isNull == true) }
        for text in ["\"\"", "\"~\"", "'null'"] { #expect(load("a: \(text)").node?["a"]?.isNull == false) }
        #expect(load("").node?.annotatedText() == "{}  # b.yaml:1\n")
        #expect(load("# only a comment\n").problems.isEmpty)
    }

    @Test(arguments: [
        ("${NAME}", "harm"), ("a-${NAME}-b", "a-harm-b"), ("${NAME}${NAME}", "harmharm"), ("${NONE:-x}", "x"),
        ("${NAME:-x}", "harm"), ("${NONE:-}", ""), ("${NONE:-a:-b}", "a:-b"), ("$NAME", "$NAME"), ("${NAME", "${NAME"),
        ("'${NAME}'", "harm"), ("${NONE:-mqtt://h:1883}", "mqtt://h:1883"), ("${LOOP}", "${NAME}"),
    ]) func `the environment stands in for a name`(text: String, expected: String) {
        let loaded = load("a: \(text)") { ["NAME": "harm", "LOOP": "${NAME}"][$0] }
        #expect(loaded.node?["a"]?.plainText == expected)
        #expect(loaded.problems.isEmpty)
    }

    @Test func `a name that is not set is an error with its place`() {
        #expect(
            load("bridge: harm\nbroker: {password: \"x${PASS}\"}") { _ in nil }.problems == [
                "b.yaml:2:20: error: the environment has no PASS; write ${PASS:-default} to do without"
            ])
        #expect(load("a: ${PASS}").node?["a"]?.plainText == "${PASS}", "without an environment texts stay")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "b.yaml:1:1: error: the key \"a\" stands here more than once"),
        ("x:\n  b: 1\n  c: 2\n  b: 3\n", "b.yaml:2:3: error: the key \"b\" stands here more than once"),
        ("a: {b: 1, b: 2}", "b.yaml:1:5: error: the key \"b\" stands here more than once"),
        ("a: 1\n\tb: 2\n", "b.yaml:2:1: error: not YAML: found a tab character that violates indentation"),
        (
            "a:\n\tb: 2\n",
            "b.yaml:2:1: error: not YAML: found character that cannot start any token: indent with spaces, not with a tab"
        ),
        ("a: *x\n", "b.yaml:1:4: error: not YAML: found undefined alias"),
        ("a: @x", "b.yaml:1:4: error: not YAML: found character that cannot start any token"),
        ("a: [1\nb: 2", "b.yaml:2:2: error: not YAML: did not find expected ',' or ']'"),
    ]) func `what is no YAML has one sentence with its place`(text: String, expected: String) {
        #expect(load(text).node == nil)
        #expect(load(text).problems == [expected])
    }

    @Test func `a byte order mark and the line ends of Windows are no fault`() {
        #expect(load("\u{feff}a: 1\r\nb: 2\r\n").node?["b"]?.plainText == "2")
    }

    @Test func `a merge replaces values, joins mappings and removes with a tilde`() throws {
        let base = try #require(load("a: {x: 1, y: [1, 2]}\nb: 2\nc: 3").node)
        let over = try #require(load("a: {y: [3], z: 4}\nb: ~\nd: {e: 5}").node)
        #expect(base.merged(with: over).text == "a:\n  x: 1\n  y: [3]\n  z: 4\nc: 3\nd:\n  e: 5\n")
        #expect(base.merged(with: try #require(load("gone: ~").node)).text == base.text)
    }

    @Test func `the annotated text is YAML of the same content`() throws {
        let odd = [
            "plain", "with: colon", "# hash", "", "~", "null", "- dash", "? what", "'single'", "\"double\"",
            "back\\slash",
            "two\nlines\n", "tab\there", " lead", "trail ", "{a}", "[b]", "é m³ °", "\u{1b}[31m", "\u{202e}rtl", "*a",
            "&a",
            "!t", "%d", "`x`", "@y", "|", ">", "=", "---", "...", "a,b", "\r\n", "\u{85}", "😀",
        ]
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: UInt64(seed))
            let node = random(odd, depth: 3, &generator)
            let problems = ProblemList()
            let again = try #require(
                YAMLLoader.load(node.annotatedText(), file: "again.yaml", problems: problems),
                "\(problems.sorted)\n\(node.annotatedText())")
            let same = isEqual(node, again)
            #expect(same, "\(node.annotatedText())")
        }
    }

    private func random(_ texts: [String], depth: Int, _ generator: inout SeededGenerator) -> YAMLNode {
        let mark = SourceMark(file: "some file.yaml", line: .random(in: 1...99, using: &generator), column: 1)
        let kind = depth == 3 ? 2 : depth == 0 ? 0 : Int.random(in: 0...2, using: &generator)
        let count = Int.random(in: 0...4, using: &generator)
        switch kind {
        case 0: return YAMLNode(.scalar(texts[.random(in: texts.indices, using: &generator)], isPlain: false), at: mark)
        case 1:
            return YAMLNode(.sequence((0..<count).map { _ in random(texts, depth: depth - 1, &generator) }), at: mark)
        default:
            let members = texts.shuffled(using: &generator).prefix(count).map {
                YAMLNode.Member(key: $0, keyMark: mark, value: random(texts, depth: depth - 1, &generator))
            }
            return YAMLNode(.mapping(members), at: mark)
        }
    }

    private func isEqual(_ one: YAMLNode, _ two: YAMLNode) -> Bool {
        switch (one.content, two.content) {
        case (.scalar(let left, _), .scalar(let right, _)): left == right && one.isNull == two.isNull
        case (.sequence(let left), .sequence(let right)):
            left.count == right.count && zip(left, right).allSatisfy(isEqual)
        case (.mapping(let left), .mapping(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy { $0.key == $1.key && isEqual($0.value, $1.value) }
        default: false
        }
    }
}

/// The same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
