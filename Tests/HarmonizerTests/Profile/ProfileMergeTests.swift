// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// A user's profile on top of the shipped one.
@Suite struct ProfileMergeTests {
    private func load(
        _ yaml: String, files: [String: String] = [:], file: String = "my.yaml"
    ) -> (profile: Profile?, problems: [String]) {
        let problems = ProblemList()
        func resolve(_ name: String, _ mark: SourceMark) -> YAMLNode? {
            if let text = files[name] { return YAMLLoader.load(text, file: name, problems: problems) }
            return ProfileLoader.shipped(name, problems: problems)
        }
        let profile = YAMLLoader.load(yaml, file: file, problems: problems)
            .flatMap { ProfileLoader(problems: problems).load($0, resolve: resolve) }
        return (profile, problems.sorted.map(\.description))
    }

    @Test func `only what it names is different`() throws {
        let shipped = try #require(load("extends: harmonized").profile)
        let mine = try #require(
            load(
                """
                extends: harmonized
                name: haus
                topics:
                  root: haus/v1
                  value: {enabled: true}
                  obis: off
                  reading: "{root}/{meter}/r"
                registers:
                  1.8.1: {alias: day}
                  1-1:1.8.2: {decimals: 1}
                  "1-0:14.7.0": ~
                  1-0:128.7.0: {alias: own, unit: kW}
                fixes: {time.missing: flag}
                groups: {limit: 5s}
                placeholders: [Zaehler]
                provenance: full
                """
            ).profile)
        func obis(_ text: String) throws -> OBISCode { try #require(OBISCode(text)) }
        #expect(mine.registers[try obis("1.8.1")]?.alias == "day")
        #expect(mine.registers[try obis("1.8.1")]?.units.map(\.symbol) == ["kWh"])
        #expect(mine.registers[try obis("1.8.2")]?.decimals == 1)
        #expect(mine.registers[try obis("14.7.0")] == nil)
        #expect(mine.registers[try obis("128.7.0")]?.units.map(\.symbol) == ["kW"])
        #expect(mine.registers.count == shipped.registers.count)
        #expect(mine.topics.value.isEnabled && !mine.topics.obis.isEnabled)
        #expect(mine.topics.reading.template == "haus/v1/{meter}/r" && mine.topics.reading.retain == .never)
        #expect(mine.topics.state.template == "haus/v1/meter/{meter}/state" && mine.topics.state.retain == .always)
        #expect(mine.policies.policy(.timeMissing) == .flag && mine.policies.policy(.idMissing) == .fix)
        #expect(mine.groups == GroupSettings(quiet: .milliseconds(500), limit: .seconds(5), identity: .seconds(2)))
        #expect(mine.placeholders == ["zaehler"])
        #expect(mine.keepsRaw && !shipped.keepsRaw)
    }

    @Test func `profiles extend profiles`() throws {
        let files = [
            "base.yaml": "extends: harmonized\nregisters: {1.8.0: {alias: bezug}, 2.8.0: {alias: einspeisung}}"
        ]
        let loaded = load("extends: base.yaml\nregisters: {2.8.0: {alias: ruecklieferung}}", files: files)
        #expect(loaded.problems.isEmpty)
        let aliases = loaded.profile?.registers.values.compactMap(\.alias) ?? []
        #expect(aliases.contains("bezug") && aliases.contains("ruecklieferung") && !aliases.contains("einspeisung"))
    }

    @Test func `a formula that a user writes takes the place of the shipped one, and the rest stays`() throws {
        let yaml = """
            extends: harmonized
            derived:
              "16.7.0": {add: ["36.7.0", "56.7.0", "76.7.0"]}
              "1.8.0": {add: ["21.8.0", "41.8.0"]}
              "2.8.0": {enabled: false}
            """
        let derived = try #require(load(yaml).profile).derived
        func way(_ c: UInt8, _ d: UInt8) -> DerivedRegister.Way? {
            derived.first { $0.obis == OBISCode(1, 0, c, d, 0) }?.way
        }
        guard case .sum(let power)? = way(16, 7), case .sum(let energy)? = way(1, 8) else {
            Issue.record("\(derived)")
            return
        }
        #expect(power.add.count == 3 && power.subtract.isEmpty && power.phases.isEmpty)
        #expect(energy.add.count == 2)
        #expect(way(2, 8) == nil)
        guard case .sum(let phase)? = way(36, 7) else {
            Issue.record("\(derived)")
            return
        }
        #expect(phase.subtract.count == 1)
    }

    @Test func `every mistake of a file has its own sentence and place, and there is no profile`() {
        let yaml = """
            extends: harmonized
            colour: red
            topics:
              obis: {topic: "{root}/{obis}", qos: 2}
              info: "{root}/meter/{meter}/state"
              availability: "{root}/{meter}/#"
            fixes:
              time.missing: repair
              time.wrong: fix
            time: {earliest: yesterday}
            registers:
              "1-0:1.8.0": {unit: kwH, alias: bezug, nmae: x}
              "1.8.0": {decimals: 13}
              "1-0:1.7.0": {unit: Watt, range: [5, 1]}
              "1-0:2.7.0": {alias: bezug}
              Pi: {unit: W}
            derived:
              "16.7.0": {max_age: soon}
              "9.7.0": {add: [x]}
            """
        let loaded = load(yaml)
        #expect(loaded.profile == nil)
        #expect(
            loaded.problems == [
                "my.yaml:2:1: error: unknown key \"colour\" in a profile; valid: demand, derived, extends, fixes, groups, "
                    + "guards, name, placeholders, provenance, registers, scales, schema, sentinels, "
                    + "tariff_names, tariffs, time, topics, version",
                "my.yaml:4:17: error: the topic of \"obis\" has no {meter}: harmonized/v1/{obis}",
                "my.yaml:4:39: error: \"qos\" is a whole number from 0 to 1, not \"2\"",
                "my.yaml:5:9: error: \"info\" and \"state\" are published on the same topic",
                "my.yaml:6:17: error: the topic of \"availability\" has \"#\" in it: harmonized/v1/{meter}/#",
                "my.yaml:8:17: error: unknown time.missing \"repair\"; valid: fix, flag, off, reject",
                "my.yaml:9:3: error: unknown key \"time.wrong\" in fixes",
                "my.yaml:10:18: error: \"earliest\" is a time such as 2020-01-01T00:00:00Z, not \"yesterday\"",
                "my.yaml:12:42: error: unknown key \"nmae\" in a register; valid: alias, counter, decimals, "
                    + "description, range, sentinel, unit, unlimited",
                "my.yaml:13:3: error: 1-0:1.8.0 is listed twice, first at my.yaml:12",
                "my.yaml:13:23: error: \"decimals\" is a whole number from 0 to 12, not \"13\"",
                "my.yaml:14:23: error: unknown unit \"Watt\"",
                "my.yaml:14:36: error: \"range\" is [lowest, highest]",
                "my.yaml:15:24: error: the alias \"bezug\" is taken at my.yaml:12",
                "my.yaml:16:3: error: \"Pi\" is no OBIS code; write it as 1-0:1.8.0",
                "my.yaml:18:23: error: \"max_age\" is \"same reading\" or a number of intervals, not \"soon\"",
                "my.yaml:19:3: error: a derived register has \"add\" or \"subtract\", \"tariffs: true\", or "
                    + "\"positive\" or \"negative\" with one code",
                "my.yaml:19:19: error: \"x\" is no OBIS code",
            ])
    }

    @Test func `a mistake in the keys alone is enough for no profile`() {
        let twice = load("registers: {1.8.0: {alias: a}, 1-0:1.8.0: {alias: a}}")
        #expect(twice.profile == nil && twice.problems.count == 1)
        #expect(load("registers: {Pi: {unit: W}}").profile == nil)
    }

    @Test func `a parent that is missing hides no other mistake`() {
        let loaded = load("extends: harmonised\ntopics: {obis: {evry: 10s}}\nregisters: {1.8.0: {alis: x}}")
        #expect(loaded.profile == nil)
        #expect(loaded.problems.count == 3, "\(loaded.problems)")
        #expect(loaded.problems.first == "my.yaml:1:10: error: no profile \"harmonised\", did you mean \"harmonized\"?")
        #expect(loaded.problems.dropFirst().allSatisfy { $0.contains("unknown key") }, "\(loaded.problems)")
    }

    @Test func `a parent that is no YAML is reported at its own place only`() {
        let loaded = load("extends: base.yaml", files: ["base.yaml": "a: [1\n"])
        #expect(loaded.profile == nil)
        #expect(loaded.problems == ["base.yaml:2:1: error: not YAML: did not find expected ',' or ']'"])
    }

    @Test func `a circle and a parent that is missing`() {
        #expect(
            load("extends: my.yaml", files: ["my.yaml": "extends: my.yaml"]).problems == [
                "my.yaml:1:10: error: profiles extend each other in a circle"
            ])
        #expect(
            load("extends: harmonised").problems == [
                "my.yaml:1:10: error: no profile \"harmonised\", did you mean \"harmonized\"?"
            ])
    }

    @Test func `a tilde is as if the line were not there`() throws {
        let loaded = load(
            "name: harmonized\ntopics: {root: ~, state: ~, reading: {topic: \"a/{meter}\", qos: ~, retain: }}\ngroups: ~"
        )
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        let profile = try #require(loaded.profile)
        #expect(!profile.topics.state.isEnabled && profile.topics.reading.qos == 1)
        #expect(profile.groups.quiet == .milliseconds(500))
    }

    @Test func `the annotated text of a merged profile loads to the same profile`() throws {
        let mine = try #require(
            load(
                """
                topics: {value: {enabled: true}, root: "haus/v1"}
                registers:
                  1.8.1: {alias: day, description: "Tag: \\"HT\\" # 1"}
                  0-n:24.2.1: {unit: [m³, GJ]}
                  "1-0:14.7.0": ~
                """
            ).profile)
        let again = try #require(load(mine.source.annotatedText(), file: "merged.yaml").profile)
        func unplaced(_ profile: Profile) -> [OBISCode: RegisterDeclaration] {
            profile.registers.mapValues {
                var register = $0
                register.mark = SourceMark(file: "", line: 0, column: 0)
                return register
            }
        }
        func rules(_ profile: Profile) -> [TopicRule] {
            profile.topics.all.map {
                var rule = $0.rule
                rule.mark = SourceMark(file: "", line: 0, column: 0)
                return rule
            }
        }
        #expect(unplaced(again) == unplaced(mine))
        #expect(rules(again) == rules(mine))
        #expect(again.derived.map(\.obis) == mine.derived.map(\.obis))
        #expect(again.derived.map(\.way) == mine.derived.map(\.way))
        #expect(again.policies == mine.policies && again.placeholders == mine.placeholders)
        #expect(again.groups == mine.groups && again.time == mine.time)
        #expect(again.source.text == mine.source.text)
    }

    @Test func `the hash is of what is published, not of where it was written`() throws {
        let one = try #require(load("registers: {1.8.1: {alias: day}}").profile)
        let two = try #require(
            load("\n\n# moved\nregisters:\n  1-0:1.8.1:\n    alias: \"day\"", file: "other.yaml").profile)
        let other = try #require(load("registers: {1.8.1: {alias: tag}}").profile)
        #expect(one.hash == two.hash)
        #expect(one.hash != other.hash && one.hash.utf8.count == 16)
    }

    @Test func `M-Bus registers stand for every channel`() throws {
        let profile = try #require(load("registers: {0-2:24.2.1: {unit: m³, decimals: 2}}").profile)
        for channel in UInt8(1)...64 { #expect(profile.register(OBISCode(0, channel, 24, 2, 1)) != nil) }
        #expect(profile.register(OBISCode(0, 2, 24, 2, 1))?.decimals == 2)
        #expect(
            profile.register(OBISCode(0, 0, 24, 2, 1)) == nil && profile.register(OBISCode(0, 65, 24, 2, 1)) == nil)
    }

    @Test func `every limits how often a value is published, and the newest goes out after that`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()], profile: "topics: {obis: {every: 10s}}")
        func values(_ second: Int, _ power: Int) -> [String] {
            pipeline.send("in/a", "id=1 t=\(1_795_217_228 + second) 1-0:1.7.0=\(power)W", after: 1000)
                .filter { $0.topic.contains("/obis/") }.map { String(decoding: $0.payload, as: UTF8.self) }
        }
        #expect(values(0, 1) == ["1"])
        for second in 1...9 { #expect(values(second, second) == [], "\(second)") }
        #expect(values(10, 77) == ["77"])
        #expect(values(11, 78) == [])
        var limited = try TestPipeline([TestPipeline.source()], profile: "topics: {state: {every: 10s}}")
        #expect(limited.send("in/a", "id=1 t=1795217228 1-0:1.7.0=1W").payloads("/state").count == 1)
        #expect(limited.send("in/a", "id=1 t=1795217233 1-0:1.7.0=2W", after: 5000).payloads("/state").isEmpty)
        #expect(limited.send("in/a", "id=1 t=1795217239 1-0:1.7.0=3W", after: 6000).payloads("/state").count == 1)
    }
}
