// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime

/// The grammar of `bridge.yaml` and what people read when they get it wrong.
@Suite struct ConfigurationTests {
    private func problems(_ text: String, environment: [String: String] = [:]) -> [String] {
        let loader = ConfigurationLoader(environment: environment)
        _ = loader.load(text, file: "bridge.yaml")
        return loader.problems.sorted.map(\.description)
    }

    private func loaded(_ text: String, environment: [String: String] = [:]) throws -> BridgeConfiguration.Configuration
    {
        let loader = ConfigurationLoader(environment: environment)
        let configuration = loader.load(text, file: "bridge.yaml")
        return try #require(configuration, "\(loader.problems.sorted)")
    }

    @Test func `an adapter alone is a source`() throws {
        let configuration = try loaded("sources: {gplug: {adapter: gplug}}")
        #expect(configuration.sources.map(\.name) == ["gplug"])
        #expect(configuration.sources[0].filters[0].filter == "tele/+/SENSOR")
        #expect(configuration.input.settings.host == "localhost")
        #expect(configuration.input.settings.port == 1883)
        #expect(configuration.input.clientID == "\(configuration.bridge)-in")
        #expect(configuration.input == configuration.output)
        #expect(configuration.profile.name == "harmonized")
    }

    @Test func `a shared subscription that would read the own output is a mistake, any other one a warning`() throws {
        func said(_ filter: String) -> [String] {
            problems("sources: {a: {adapter: gplug, subscribe: '\(filter)'}}")
        }
        #expect(said("$share/g/harmonized/#").first?.contains("would feed the bridge its own output") == true)
        #expect(
            said("$share/g/tele/+/SENSOR").first?.contains("warning: $share/g/tele/+/SENSOR gives each message to one")
                == true)
        let configuration = try loaded("sources: {a: {adapter: gplug, subscribe: '$share/g/tele/+/SENSOR'}}")
        #expect(configuration.subscriptions.map(\.filter) == ["$share/g/tele/+/SENSOR"])
    }

    @Test func `in a container a bridge without a name is warned of its host's`() {
        var loader = ConfigurationLoader(environment: [:])
        loader.isInContainer = true
        _ = loader.load("sources: {gplug: {adapter: gplug}}", file: "bridge.yaml")
        #expect(loader.problems.problems.contains { "\($0)".contains("write bridge: NAME") })
        var named = ConfigurationLoader(environment: [:])
        named.isInContainer = true
        _ = named.load("bridge: huis\nsources: {gplug: {adapter: gplug}}", file: "bridge.yaml")
        #expect(named.problems.problems.isEmpty)
    }

    @Test func `each of several processes has a session and a name of its own`() throws {
        let configuration = try loaded("sources: {gplug: {adapter: gplug}}\npartition: 3/8")
        #expect(configuration.partition == Partition("3/8"))
        #expect(configuration.input.clientID == "\(configuration.bridge)-in")
        // One name for all of them, and a session for each.
        let named = try loaded("bridge: all\nsources: {gplug: {adapter: gplug}}\npartition: 3/8")
        #expect(named.input.clientID == "all-3-in")
        #expect(configuration.bridge.hasSuffix("-3"))
        #expect(
            problems("sources: {gplug: {adapter: gplug}}\npartition: 8/8") == [
                "bridge.yaml:2:12: error: \"partition\" is K/N, process K of N counted from 0 (0/8 … 7/8), not \"8/8\""
            ])
    }

    @Test func `an unknown adapter is named with its place and the nearest one`() {
        let text = """
            zone: Europe/Zurich
            sources:
              gplug:
                adapter: p1
              other:
                adapter: gplugd
            """
        #expect(problems(text) == ["bridge.yaml:6:14: error: unknown adapter \"gplugd\", did you mean \"gplug\"?"])
    }

    @Test func `the sentences of the documentation stand at their documented places`() {
        let adapter = """
            broker: localhost
            zone: Europe/Zurich
            sources: {gplug: {
              adapter: gplugd}}
            """
        #expect(problems(adapter) == ["bridge.yaml:4:12: error: unknown adapter \"gplugd\", did you mean \"gplug\"?"])
        let key = """
            broker: localhost
            zone: Europe/Zurich
            sources:
              gplug:
                adapter: gplug
                topic: tele/+/SENSOR
            """
        #expect(
            problems(key) == ["bridge.yaml:6:5: error: unknown key \"topic\" in a source, did you mean \"subscribe\"?"])
    }

    @Test func `every mistake of a file is reported in one pass`() {
        let text = """
            broker: {url: "http://x", username: u, password_file: nowhere}
            zone: Europe/Zurch
            sources:
              a: {adapter: p1, subscribe: "#"}
              b: {adapter: p1, subscribe: "a/#/b"}
              c: {subscribe: x}
              d: {adapter: p1, zone: Mars/Olympus, qos: 2}
            outputs: [harmonised]
            profile: {registers: {"1-0:1.8.1": {unit: kWatt}}}
            speed: 3
            """
        let expected = [
            "bridge.yaml:1:15: error: \"http://x\" is not a broker; write mqtt://HOST:1883 or mqtts://HOST:8883",
            "bridge.yaml:1:55: error: cannot read password_file \"nowhere\": no such file or directory",
            "bridge.yaml:2:7: error: the zone \"Europe/Zurch\" cannot be loaded, did you mean \"Europe/Zurich\"?",
            "bridge.yaml:4:31: error: # would feed the bridge its own output on harmonized/v1/meter/+/reading",
            "bridge.yaml:5:31: error: \"a/#/b\" is not a topic filter: +, # and {tenant} stand alone between slashes, # at the end",
            "bridge.yaml:6:6: error: a source needs \"adapter\": "
                + AdapterRegistry.all.map(\.name).joined(separator: ", "),
            "bridge.yaml:7:26: error: the zone \"Mars/Olympus\" cannot be loaded",
            "bridge.yaml:7:45: error: \"qos\" is a whole number from 0 to 1, not \"2\"",
            "bridge.yaml:8:11: error: unknown output \"harmonised\", did you mean \"harmonized\"?",
            "bridge.yaml:9:43: error: unknown unit \"kWatt\"",
            "bridge.yaml:10:1: error: unknown key \"speed\" in the configuration",
        ]
        let found = problems(text)
        for line in expected { #expect(found.contains { $0.hasPrefix(line) }, "missing: \(line)\nin \(found)") }
        #expect(found.count == expected.count, "\(found)")
    }

    @Test func `an input that would read the output is refused`() {
        for filter in ["#", "harmonized/#", "+/v1/meter/+/state", "harmonized/v1/bridge/x/reject"] {
            let text = "zone: UTC\nsources: {a: {adapter: p1, subscribe: \"\(filter)\"}}"
            #expect(problems(text).first?.contains("would feed the bridge its own output") == true, "\(filter)")
        }
        #expect(problems("zone: UTC\nsources: {a: {adapter: p1, subscribe: rpi1/smartmeter/#}}") == [])
    }

    @Test func `a zone of the host that cannot be loaded is an error and never UTC`() throws {
        let text = "sources: {a: {adapter: p1}, b: {adapter: p1, subscribe: x, zone: UTC}}"
        #expect(
            problems(text, environment: ["TZ": "Europe/Zurch"]) == [
                "bridge.yaml:1:11: error: no \"zone\", and the host's TZ=Europe/Zurch cannot be loaded, did you mean "
                    + "\"Europe/Zurich\"?"
            ])
        #expect(problems("zone: UTC\n" + text, environment: ["TZ": "Europe/Zurch"]) == [])
        let zurich = try loaded(text, environment: ["TZ": ":Europe/Zurich"])
        #expect(zurich.sources.map(\.zone.identifier) == ["Europe/Zurich", "UTC"])
    }

    @Test func `a meter may have a zone of its own`() throws {
        let text = "zone: UTC\nsources: {a: {adapter: p1}}\nmeters: {haus: {ids: [A1], zone: Europe/Helsinki}}"
        #expect(try loaded(text).meters[0].zone?.identifier == "Europe/Helsinki")
        #expect(
            problems(text.replacing("Helsinki", with: "Helsingi")) == [
                "bridge.yaml:3:34: error: the zone \"Europe/Helsingi\" cannot be loaded, did you mean \"Europe/Helsinki\"?"
            ])
    }

    @Test func `a filter that another one covers is not subscribed to again`() throws {
        let configuration = try loaded(
            """
            zone: UTC
            sources:
              ewb: {adapter: gplug, subscribe: tele/gPlug10/SENSOR}
              gplug: {adapter: gplug, subscribe: [tele/+/SENSOR, stat/#]}
              other: {adapter: tasmota, subscribe: [stat/x/STATUS10, stat/#, casa/+], qos: 0}
            """)
        #expect(configuration.subscriptions.map(\.filter) == ["tele/+/SENSOR", "stat/#", "casa/+"])
        #expect(configuration.subscriptions.map(\.qos) == [.atLeastOnce, .atLeastOnce, .atMostOnce])
    }

    @Test func `two sources with the same topics are pointed out`() {
        let text = "zone: UTC\nsources:\n  gplug: {adapter: gplug}\n  tasmota: {adapter: tasmota}"
        let expected =
            "bridge.yaml:4:3: warning: tele/+/SENSOR, stat/+/STATUS8, stat/+/STATUS10, tele/+/LWT are read by the source "
            + "\"gplug\" already; write \"subscribe\" in one of them"
        #expect(problems(text) == [expected])
    }

    @Test func `ids and names stay as they are written`() throws {
        let configuration = try loaded(
            """
            zone: UTC
            sources: {a: {adapter: p1, meter: 090}}
            meters: {no: {ids: [012345, 10:30, 1e3]}}
            """)
        #expect(configuration.sources[0].meter == "090")
        #expect(configuration.meters[0].id == "no")
        #expect(configuration.meters[0].rawIDs == ["012345", "10:30", "1e3"])
    }

    @Test func `the environment fills in names, with a default behind a colon and a dash`() throws {
        let text = """
            bridge: harm-${POD}
            broker: {url: "mqtt://${HOST:-10.0.0.5}", username: u, password: "${SECRET}"}
            zone: UTC
            sources: {a: {adapter: p1}}
            """
        let configuration = try loaded(text, environment: ["POD": "3", "SECRET": "p#w"])
        #expect(configuration.bridge == "harm-3")
        #expect(configuration.input.settings.host == "10.0.0.5")
        #expect(configuration.input.settings.password == "p#w")
        #expect(configuration.input.advice == "check password (bridge.yaml:2)")
        #expect(
            problems(text, environment: ["SECRET": ""]) == [
                "bridge.yaml:1:9: error: the environment has no POD; write ${POD:-default} to do without"
            ])
    }

    @Test func `a broker is a url or a mapping, with TLS from its scheme`() throws {
        let secure = try loaded("broker: mqtts://broker.example\nzone: UTC\nsources: {a: {adapter: p1}}").input.settings
        #expect(secure.port == 8883 && secure.tls == TLSSettings() && secure.host == "broker.example")
        let plain = try loaded(
            "broker: {url: \"mqtt://u:p@[::1]:1884\", protocol: 3.1.1, session_expiry: 1h, client_id: x}\nzone: UTC\nsources: {a: {adapter: p1}}"
        ).input
        #expect(plain.settings.host == "::1" && plain.settings.port == 1884 && plain.settings.username == "u")
        #expect(plain.settings.protocolVersion == .v311 && plain.sessionExpiry == 3600 && plain.clientID == "x")
    }

    @Test func `a source has policies of its own, and a rule that is none is named with the nearest one`() throws {
        let text = """
            sources:
              own: {adapter: gplug, fixes: {time.missing: reject, id.placeholder: off}}
              other: {adapter: tasmota}
            profile: {fixes: {time.missing: flag}}
            """
        let configuration = try loaded(text)
        #expect(configuration.sources[0].policies == FixPolicies([.timeMissing: .reject, .idPlaceholder: .off]))
        #expect(configuration.sources[1].policies == FixPolicies())
        #expect(configuration.profile.policies[.timeMissing] == .flag)
        let found = problems("sources:\n  a: {adapter: gplug, fixes: {time.mising: off, id.missing: repair}}\n")
        #expect(
            found.contains(
                "bridge.yaml:2:31: error: unknown key \"time.mising\" in fixes, did you mean \"time.missing\"?"),
            "\(found)")
        #expect(
            found.contains {
                $0.hasPrefix("bridge.yaml:2:61: error: unknown id.missing \"repair\"; valid: fix, flag, off, reject")
            }, "\(found)")
    }

    @Test func `a profile inline changes what it names and nothing else`() throws {
        let configuration = try loaded(
            """
            zone: UTC
            sources: {a: {adapter: p1}}
            profile:
              extends: harmonized
              registers: {"1.8.1": {alias: energy_import_day}}
            """)
        let register = try #require(configuration.profile.register(OBISCode(1, 0, 1, 8, 1)))
        #expect(register.alias == "energy_import_day")
        #expect(register.units.map(\.symbol) == ["kWh"])
        #expect(configuration.profile.source.annotatedText().contains("energy_import_day"))
    }

    @Test func `the lines of the README are a configuration`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("password", "secret\n")
        let text = """
            broker: {username: obis-bridge, password_file: \(folder.path)/password}
            zone: Europe/Zurich
            sources:
              gplug: {adapter: gplug, labels: gplug-d}
            outputs: [harmonized]
            """
        let configuration = try loaded(text)
        #expect(configuration.input.settings.password == "secret")
        #expect(configuration.input.advice == "check password_file (bridge.yaml:1)")
    }

    @Test func `limits are roomy by default, and more meters bring more devices`() throws {
        #expect(try loaded("sources: {gplug: {adapter: gplug}}").limits == Limits())
        let limits = try loaded(
            """
            sources: {gplug: {adapter: gplug}}
            limits: {payload: 65536, json_depth: 8, json_members: 500, registers: 99, meters: 20000, open_groups: 50, topic_length: 128}
            """
        ).limits
        #expect(limits.payload == 65_536 && limits.jsonDepth == 8 && limits.jsonMembers == 500)
        #expect(limits.registers == 99 && limits.meters == 20_000 && limits.devices == 40_000)
        #expect(limits.openGroups == 50 && limits.topicLength == 128)
    }

    @Test(arguments: [
        ("{meter: 5}", "2:10: error: unknown key \"meter\" in limits, did you mean \"meters\"?"),
        ("{payload: 1MB}", "2:19: error: \"payload\" is a whole number from 1024 to 1048576, not \"1MB\""),
        ("{meters: 0}", "2:18: error: \"meters\" is a whole number from 1 to 1000000, not \"0\""),
        ("20000", "2:9: error: limits is a mapping of keys to values"),
    ]) func `a mistake in the limits has its place`(limits: String, problem: String) {
        #expect(
            problems("sources: {gplug: {adapter: gplug, zone: UTC}}\nlimits: \(limits)") == ["bridge.yaml:\(problem)"])
    }

    @Test func `a source names its scale, or writes it`() throws {
        func rule(_ scale: String) throws -> ScaleRule {
            try loaded("sources: {a: {adapter: gplug, scale: \(scale)}}").sources[0].scale
        }
        #expect(try rule("auto").isAutomatic)
        #expect(try rule("collector-am550").quantities == [.voltage: ExactDecimal(1, exponent: -1)])
        let both = try rule("[auto, collector-e570]")
        #expect(both.isAutomatic && both.quantities == [.current: ExactDecimal(100)] && both.place == "bridge.yaml:1")
        let own = try rule("{phase_power: 1000, \"31.7.0\": 0.01, auto: yes}")
        #expect(own.isAutomatic && own.quantities == [.phasePower: ExactDecimal(1000)])
        #expect(own.registers == [OBISCode(1, 0, 31, 7, 0): ExactDecimal(1, exponent: -2)])
        let mistakes = problems(
            "sources:\n  a: {adapter: gplug, scale: automatic}\n  b: {adapter: p1, scale: {curent: 10, voltage: -1}}")
        #expect(mistakes.count == 3)
        #expect(mistakes[0].hasPrefix("bridge.yaml:2:30: error: unknown scale \"automatic\""))
        #expect(mistakes.contains { $0.contains("unknown key \"curent\" in scale, did you mean \"current\"?") })
        #expect(mistakes.contains("bridge.yaml:3:49: error: \"voltage\" is a number above 0, not \"-1\""))
    }

    @Test func `a meter has a role and names of its tariffs`() throws {
        let text =
            "sources: {a: {adapter: gplug}}\nmeters: {roof: {role: pv, tariffs: off}, haus: {tariffs: mine}}\nprofile: {tariff_names: {mine: {1: high}}}"
        let meters = try loaded(text).meters
        #expect(meters[0].role == .pv && meters[0].tariffs == TariffNames.Choice(table: nil))
        #expect(meters[1].role == nil && meters[1].tariffs == TariffNames.Choice(table: "mine"))
        #expect(
            problems(
                "sources: {a: {adapter: gplug}}\nmeters: {haus: {role: solar, tariffs: belgum}}\nprofile: {tariff_names: {mine: {1: High Tariff}, b: 3}, tariffs: france}"
            ) == [
                "bridge.yaml:2:23: error: unknown role \"solar\"; valid: battery, grid, load, pv",
                "bridge.yaml:3:36: error: the name of a tariff has small letters, digits and _: off_peak, not \"High Tariff\"",
                "bridge.yaml:3:53: error: \"b\" is a mapping of tariffs to names: {1: day, 2: night}",
                "bridge.yaml:3:66: error: no table \"france\" of tariff names; valid: belgium, mine, netherlands; write one below \"tariff_names\" in the profile, or off",
            ])
    }

    @Test func `a meter has transformers and a limit`() throws {
        let text = "sources: {a: {adapter: gplug}}\nmeters: {haus: {ids: [1], ct: 60, max_power: 2 MW}}"
        let meter = try loaded(text).meters[0]
        #expect(meter.ct == ExactDecimal(60) && meter.maxPower == ExactDecimal(2_000_000))
        #expect(
            problems("sources: {a: {adapter: gplug}}\nmeters: {haus: {ct: 0, max_power: 5 kg}}") == [
                "bridge.yaml:2:21: error: \"ct\" is a number above 0, not \"0\"",
                "bridge.yaml:2:35: error: \"max_power\" is a number of W or its multiples, not \"5 kg\"",
            ])
    }

    @Test(arguments: [
        ("p1-monitor", "p1monitor/smartmeter/+", false), ("evcc", "\"evcc/site/#\"", false),
        ("esphome", "p1/sensor/+/state", false),
        ("shelly", "+/status/+", true), ("victron", "\"N/+/grid/+/#\"", true), ("tasmota", "tele/+/SENSOR", true),
        ("esphome", "+/sensor/+/state", true),
    ])
    func `one meter for a wildcard that stands for devices is told, for one that names fields it is not`(
        adapter: String, filter: String, isTold: Bool
    ) {
        let found = problems("zone: UTC\nsources: {a: {adapter: \(adapter), subscribe: \(filter), meter: house}}\n")
        #expect(found.contains { $0.contains("becomes the meter house") } == isTold, "\(found)")
    }

    @Test func `a source asks only below its own filters`() {
        func ask(_ text: String) -> [String] {
            problems(
                "zone: UTC\nsources: {v: {adapter: victron, subscribe: [N/a/grid/+/#, R/a/keepalive], ask: {\(text)}}}\n"
            )
            .filter { $0.contains("error") }
        }
        #expect(ask("topic: R/a/keepalive, every: 30s") == [])
        #expect(ask("topic: N/a/grid/1/x") == [])
        #expect(ask("topic: R/b/keepalive")[0].contains("R/b/keepalive is below none: add it to \"subscribe\""))
        #expect(ask("topic: \"R/+/keepalive\"")[0].contains("is not a topic to publish on"))
        #expect(ask("topic: R/a/keepalive, every: 1s")[0].contains("\"every\" is 5s to 1h"))
        #expect(ask("every: 30s")[0].contains("needs a topic"))
        #expect(
            problems("zone: UTC\nsources: {v: {adapter: p1, tcp: \"meter:2000\", ask: {topic: a}}}\n")
                .contains { $0.contains("read from the broker") })
    }

    @Test func `an id of a meter that cannot stay as it is says what it becomes`() {
        func ids(_ id: String) -> [String] {
            problems("zone: UTC\nsources: {p1: {adapter: p1, subscribe: a/b, meter: \(id)}}\n")
        }
        #expect(ids("house-1").isEmpty)
        let message = ids("\"haus/keller\"")
        #expect(
            message.count == 1 && message[0].contains("warning: the id \"haus/keller\" has more than"), "\(message)")
        #expect(message[0].contains("published as haus-keller-17b82c66; write haus-keller, which stays as it is"))
        #expect(ids("\"Mein Haus\"")[0].contains("write mein-haus, which stays"))
        #expect(ids("\"\"")[0].contains("error: the id of a meter is empty"), "\(ids("\"\""))")
        let table = problems(
            "zone: UTC\nsources: {p1: {adapter: p1, subscribe: a/b}}\nmeters: {\"Haus\": {ids: [1]}}\n")
        #expect(table.count == 1 && table[0].contains("write haus, which stays as it is"), "\(table)")
    }

    @Test(arguments: [(0o644, true), (0o600, false)])
    func `a password in the broker's url is told as one of its own`(mode: Int, isTold: Bool) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write(
            "bridge.yaml", "broker: mqtt://bridge:s3cret@localhost\nzone: UTC\nsources: {gplug: {adapter: gplug}}\n")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let loader = ConfigurationLoader(environment: [:])
        _ = loader.load(path: path)
        let told = loader.problems.sorted.map(\.description)
        #expect(told.contains { $0.contains("bridge.yaml and the password in it: chmod 600") } == isTold, "\(told)")
        #expect(told.allSatisfy { !$0.contains("s3cret") })
    }

    @Test(arguments: [
        ("Amsterdam", "Europe/Amsterdam"), ("MEZ", "Europe/Zurich"), ("CET+1", "Europe/Zurich"),
        ("new york", "America/New_York"),
    ]) func `a town or an abbreviation has a zone to propose`(word: String, zone: String) {
        let message = problems("zone: \(word)\nsources: {gplug: {adapter: gplug}}\n")
        #expect(message.first?.hasSuffix("cannot be loaded, did you mean \"\(zone)\"?") == true, "\(message)")
    }

    @Test func `a misspelt sources is told once, where it stands`() {
        #expect(
            problems("zone: UTC\nsource: {gplug: {adapter: gplug}}\n") == [
                "bridge.yaml:2:1: error: unknown key \"source\" in the configuration, did you mean \"sources\"?"
            ])
    }

    @Test func `a port that is none is told under the key that was written`() {
        let message = problems("zone: UTC\nsources: {gplug: {adapter: gplug}}\nhttp: yes\n")
        #expect(message.first?.contains("error: \"http\" is a port from 1 to 65535") == true, "\(message)")
    }

    @Test func `two slips that the parser notices lines later are told where they are`() {
        let blank = problems("zone:Europe/Zurich\nsources: {gplug: {adapter: gplug}}\n")
        #expect(
            blank == ["bridge.yaml:1:6: error: not YAML: a blank is missing behind the colon: zone: Europe/Zurich"],
            "\(blank)")
        let comment = problems("zone: UTC\nsources:\n  a: {adapter: p1, subscribe: #}\n")
        #expect(
            comment == [
                "bridge.yaml:3:31: error: not YAML: # begins a comment here; a topic with it stands in quotes: \"#\""
            ], "\(comment)")
    }

    @Test func `an output for a meter that looks like another one is pointed out`() {
        func told(_ meter: String) -> [String] {
            problems(
                """
                zone: UTC
                sources: {p1: {adapter: p1, subscribe: a/b}}
                meters: {house: {ids: [1]}}
                outputs:
                  - template: {meters: [\(meter)], topic: victron/grid, payload: '{{power}}'}
                """)
        }
        #expect(told("house").isEmpty)
        #expect(told("hause").first?.contains("is for the meter \"hause\", did you mean \"house\"?") == true)
        #expect(told("10487029").isEmpty, "the id of a meter that nobody has declared")
    }

    @Test func `sources auto has none before it has listened, and then those that it adopted`() throws {
        let text = "broker: mqtt://localhost\nzone: UTC\nsources: auto\n"
        let before = try loaded(text)
        #expect(before.isAutomatic && before.sources.isEmpty && before.adopted == nil)
        let loader = ConfigurationLoader(environment: [:])
        var listening = loader
        listening.adopted = "sources:\n  gplug10: {adapter: gplug, labels: gplug-d, subscribe: tele/gPlug10/SENSOR}\n"
        let after = try #require(listening.load(text, file: "bridge.yaml"), "\(loader.problems.sorted)")
        #expect(after.sources.map(\.name) == ["gplug10"] && after.adopted == listening.adopted)
        #expect(String(decoding: BridgeInfo(after).payload, as: UTF8.self).contains("gplug10: {adapter: gplug"))
    }
}
