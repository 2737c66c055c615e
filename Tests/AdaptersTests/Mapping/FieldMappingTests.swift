// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

@Suite struct FieldMappingTests {
    /// The mistakes of a mapping, a line each.
    private func faults(_ yaml: String) -> [String] {
        do throws(LabelDictionaryError) {
            _ = try FieldMapping.load(yaml: yaml, path: "reader.yaml")
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test func `every mistake of a mapping is told with its place`() {
        let yaml = """
            description: a reader
            subscribe: [a/+b]
            topics: ["sensor/{fields}/state"]
            payload: xml
            decimals: 99
            when: {type: [a]}
            field: {}
            fields:
              /a: 1-0:1.8.0 kwatt
              /b: idd
              /c: {register: 1-0:1.7.0 W, factor: x, zero: nothing, colour: red}
              /d: submeter gas id
              /e: time of yesterday
              /f: clock unix
              /g: {factor: 2}
              h: channel
            """
        #expect(
            faults(yaml) == [
                #"reader.yaml:2:13: error: "a/+b" is not a topic filter: + and # stand alone between slashes, # at the end"#,
                #"reader.yaml:3:10: error: "sensor/{fields}/state" is not an ending of a topic: levels, one of them perhaps {field} or {known}, others with {id} or {device} in them, and no #"#,
                #"reader.yaml:4:10: error: unknown payload "xml"; valid: json, positions"#,
                #"reader.yaml:5:11: error: "decimals" is a whole number from 0 to 9, not "99""#,
                #"reader.yaml:6:8: error: "type" is not a JSON Pointer, which begins with /"#,
                #"reader.yaml:7:1: error: unknown key "field" in a mapping, did you mean "fields"?"#,
                #"reader.yaml:9:7: error: unknown unit "kwatt""#,
                #"reader.yaml:10:7: error: "idd" is not a register, did you mean "id"?"#,
                #"reader.yaml:11:39: error: "factor" is a number such as 0.001, not "x""#,
                #"reader.yaml:11:48: error: unknown zero "nothing"; valid: absent, value"#,
                #"reader.yaml:11:57: error: unknown key "colour" in a field; valid: decimals, factor, fallback, register, split, unless, when, zero"#,
                #"reader.yaml:12:7: error: "submeter gas id" is neither submeter 1 id nor submeter 1 type"#,
                #"reader.yaml:13:7: error: "yesterday" is not a register"#,
                #"reader.yaml:14:7: error: unknown form of a time "unix"; valid: any, epoch, epoch-ms, iso, local, p1, p1-text, tic"#,
                #"reader.yaml:15:3: error: a field with details needs "register": 1-0:1.8.0 kWh"#,
                #"reader.yaml:16:3: error: the field of the channel is a JSON Pointer: /h"#,
            ])
    }

    @Test func `a mapping without fields is none`() {
        #expect(faults("description: nothing") == [#"reader.yaml:1:1: error: "fields" is missing"#])
    }

    @Test(arguments: FieldMapping.shipped.map(\.name)) func `a shipped mapping says what it is for`(name: String) throws
    {
        let mapping = try #require(FieldMapping.shipped(named: name))
        #expect(!mapping.summary.isEmpty)
    }

    @Test(
        arguments: [
            ("0", ["1-0:1.8.1"], nil), ("2", ["0-2:24.2.1"], 2), ("4.0", ["0-4:24.2.1"], 4),
            ("null", ["1-0:1.8.1", "0-1:24.2.1"], 1),
            ("999", ["1-0:1.8.1", "0-1:24.2.1"], 1),
        ] as [(String, [String], Int?)])
    func `a message about a channel has its codes and its device`(channel: String, codes: [String], submeter: Int?)
        throws
    {
        let energy = channel == "2" || channel == "4.0" ? "" : #""import":1.5,"#
        let gas = channel == "0" ? "" : #""volume":2.5,"type":3.0,"at":1714163401,"#
        let verdict = try read(
            "{\(energy)\(gas)\"id\":\"G7\",\"clock\":1714163605,\"channel\":\(channel)}",
            """
            gather: true
            fields: {/id: id, /clock: clock, /import: 1-0:1.8.1 kWh, /volume: 0-1:24.2.1 m3, /at: "time of 0-1:24.2.1",
                     /type: submeter 1 type, /channel: channel}
            """)
        guard case .telegrams(let telegrams, _, _) = verdict else { return #expect(Bool(false), "\(verdict)") }
        let telegram = try #require(telegrams.first)
        #expect(telegram.observations.map(\.obis.description) == codes)
        #expect(telegram.submeters.first?.channel == submeter)
        let isChannel = channel == "2" || channel == "4.0"
        // The id of a gas meter is not the meter's, and when gas was measured is not when the telegram was sent.
        #expect(telegram.id?.text == (isChannel ? nil : "G7"))
        #expect(telegram.submeters.first?.id == (isChannel ? "G7" : nil))
        #expect((telegram.time == nil) == isChannel)
        #expect(telegram.isPart == (channel != "null" && channel != "999"))
    }

    @Test(arguments: [
        ("numbers: whole", "12.5", false), ("numbers: whole", "12", true), ("numbers: any", "12.5", true),
    ])
    func `a point where whole numbers are sent is another reader's`(line: String, value: String, isRead: Bool) throws {
        let verdict = try read(value, "\(line)\nfields: {power: 1-0:1.7.0 W}", topic: "house/power")
        guard case .telegrams = verdict else {
            guard case .ignored(_, let remarks) = verdict else { return #expect(Bool(false), "\(verdict)") }
            #expect(!isRead)
            #expect(remarks == [.malformed("power: 12.5 has a point, and reader sends whole numbers")])
            return
        }
        #expect(isRead)
    }

    @Test func `an offset that is wrong is local time`() throws {
        let shown = try #require(WallTime(year: 2024, month: 4, day: 26, hour: 22, minute: 33, second: 25))
        let wall = RawTime.local(shown)
        for form in ["local", "iso"] {
            let verdict = try read(
                "{\"t\":\"2024-04-26T22:33:25Z\",\"p\":1}", "fields: {/t: clock \(form), /p: 1-0:1.7.0 W}")
            guard case .telegrams(let telegrams, _, _) = verdict else { return #expect(Bool(false), "\(verdict)") }
            #expect((telegrams.first?.time == wall) == (form == "local"))
        }
    }

    /// What a payload becomes by a mapping.
    private func read(_ payload: String, _ yaml: String, topic: String = "reader") throws -> Verdict {
        var decoder = MappedDecoder(try FieldMapping.load(yaml: yaml, path: "reader.yaml"))
        let message = RawMessage(topic: topic, payload: Array(payload.utf8), received: Timestamp(seconds: 0))
        return decoder.decode(message, context: DecodingContext())
    }

    @Test func `a factor is exact`() throws {
        let verdict = try read(
            #"{"a":{"b":[{"c":"0.1"},1234567890123]}}"#,
            """
            fields:
              /a/b/0/c: {register: 1-0:1.8.1 kWh, factor: 0.3}
              /a/b/1: {register: 1-0:1.8.2 kWh, factor: 0.000001}
            """)
        #expect(
            verdict.telegrams.flatMap(\.observations).map(\.value) == [
                .number(ExactDecimal(3, exponent: -2)), .number(ExactDecimal(1_234_567_890_123, exponent: -6)),
            ])
    }

    @Test func `a factor too large for a register leaves the value out and says so`() throws {
        let verdict = try read(
            #"{"a":999999999999999999,"b":1}"#,
            """
            fields:
              /a: {register: 1-0:1.8.1 kWh, factor: 123456789}
              /b: 1-0:1.8.2 kWh
            """)
        #expect(verdict.telegrams.flatMap(\.observations).map(\.obis.e) == [2])
        guard case .telegrams(_, _, let remarks) = verdict else { return }
        #expect(remarks == [.malformed(#"/a: "999999999999999999" has too many digits"#)])
    }

    @Test(arguments: [
        (#"{"kind":"gas","value":5}"#, 1), (#"{"kind":"heat","value":5}"#, 0), (#"{"value":5}"#, 0),
        (#"{"kind":"gas","value":5,"valid":false}"#, 0), (#"{"kind":"gas","value":5,"valid":true}"#, 1),
    ])
    func `a field counts where its condition holds`(payload: String, count: Int) throws {
        let yaml = """
            unless: {/valid: "false"}
            fields:
              /value: {register: 0-1:24.2.1 m3, when: {/kind: [gas, gas_meter]}}
              /kind: ignored
            """
        let observations = try read(payload, yaml).telegrams.flatMap(\.observations)
        #expect(observations.count == count)
    }

    @Test(arguments: [
        ("clock", #""2026-03-01T10:00:00+01:00""#, "instant(2026-03-01T09:00:00Z)"),
        ("clock", #""2026-03-01T10:00:00""#, "local(2026-03-01T10:00:00)"),
        ("clock", "1700000000", "instant(2023-11-14T22:13:20Z)"),
        ("clock", "1700000000123", "instant(2023-11-14T22:13:20.123Z)"),
        ("clock", "210606140010", "local(2021-06-06T14:00:10)"), ("clock", #""240426223325S""#, "seasonal"),
        ("clock p1", "240426223325", "local"), ("clock p1-text", "240426223325", #"invalid("240426223325")"#),
        ("clock epoch", #""1700000000""#, "instant"),
        ("clock iso", #""yesterday""#, #"invalid("yesterday")"#), ("clock epoch-ms", "1700000000123", "instant(2023"),
    ])
    func `a time is read in the form that it has`(words: String, time: String, expected: String) throws {
        let verdict = try read(#"{"t":\#(time),"p":1}"#, "fields: {/t: \(words), /p: 1-0:1.7.0 W}")
        let time = try #require(verdict.telegrams.first?.time)
        #expect(Self.text(time).hasPrefix(expected))
    }

    private static func text(_ time: RawTime) -> String {
        switch time {
        case .instant(let instant): "instant(\(instant))"
        case .local(let wall): "local(\(wall))"
        case .seasonal(let wall, _): "seasonal(\(wall))"
        case .invalid(let words): "invalid(\"\(words)\")"
        }
    }

    @Test func `a clock that was not heard yet is no time`() throws {
        let verdict = try read(#"{"t":0,"p":1}"#, "fields: {/t: clock, /p: 1-0:1.7.0 W}")
        #expect(verdict.telegrams.map(\.time) == [nil])
    }
}
