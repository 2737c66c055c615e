// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Topics and payloads of a user's own, in the formats that their readers document.
@Suite struct TemplateTests {
    private let message =
        "id=1 t=1795217228 1-0:1.7.0=0W 1-0:2.7.0=250W 1-0:31.7.0=1.234A 1-0:51.7.0=0.5A 1-0:71.7.0=-2.25A"

    /// What the readers' own documents show: dbus-mqtt-grid (a Victron GX), SmartEVSE `Set/MainsMeter` (deciamperes L1:L2:L3),
    /// DSMR-reader's kW per topic.
    @Test(arguments: [
        (#"{topic: victron/grid, payload: '{"grid":{"power":{{power}}}}'}"#, #"victron/grid {"grid":{"power":-250}}"#),
        (
            "{topic: SmartEVSE/Set/MainsMeter, payload: '{{current_l1*10|round}}:{{ current_l2 * 10 | round }}:{{current_l3 * 10|round 0}}'}",
            "SmartEVSE/Set/MainsMeter 12:5:23"
        ),
        (
            "{topic: dsmr/reading/electricity_currently_returned, payload: '{{power_export / 1000}}'}",
            "dsmr/reading/electricity_currently_returned 0.25"
        ),
        (
            "{topic: 'x/{{meter}}/{{serial}}', payload: '{{-power}} {{1-0:2.7.0}} {{time}} {{epoch}}'}",
            "x/1/1 250 250 2026-11-20T23:27:08Z 1795217228"
        ),
    ])
    func `a template is filled`(options: String, expected: String) throws {
        var pipeline = try TestPipeline(outputs: "[template: \(options)]")
        let out = pipeline.send("in/a", message)
        let others = out.lines(below: "").filter { !$0.hasPrefix("harmonized/") }
        #expect(others == [expected])
        #expect(out.first { !$0.topic.hasPrefix("harmonized/") }?.isRetained == false)
    }

    @Test func `it waits until every value is there, and is sent once a reading`() throws {
        var pipeline = try TestPipeline(outputs: "[template: {topic: t, payload: '{{voltage_l1}} {{current_l1}}'}]")
        #expect(pipeline.send("in/a", "id=1 t=1795217228 1-0:32.7.0=230V").lines(below: "t").isEmpty)
        #expect(
            pipeline.send("in/a", "id=1 t=1795217229 1-0:31.7.0=2A", after: 1000).lines(below: "t") == ["t 230 2"])
        #expect(
            pipeline.send("in/a", "id=1 t=1795217230 1-0:1.8.0=2kWh", after: 1000).lines(below: "t").isEmpty,
            "nothing of it in this reading")
        #expect(
            pipeline.send("in/a", "id=1 t=1795217330 1-0:31.7.0=2A", after: 100_000).lines(below: "t").isEmpty,
            "the voltage is of a minute ago")
    }

    @Test func `text of a meter neither breaks the JSON nor adds a topic level`() throws {
        var pipeline = try TestPipeline(
            outputs: #"[template: {topic: 't/{{1-0:96.1.0}}', payload: '{"m":"{{1-0:96.1.0}}"}'}]"#)
        let out = pipeline.send("in/a", #"id=1 t=1795217228 1-0:96.1.0=x","y":"/#"#)
        let message = out.first { $0.topic.hasPrefix("t/") }
        #expect(message.map { !$0.topic.contains("#") && $0.topic.split(separator: "/").count == 2 } == true)
        #expect(message.map { String(decoding: $0.payload, as: UTF8.self) } == #"{"m":"x\",\"y\":\"/#"}"#)
    }

    @Test(arguments: [
        ("{topic: t, payload: '{{powr}}'}", "unknown name \"powr\" in {{powr}}, did you mean \"power\"?"),
        ("{topic: t, payload: '{{power * 3}}'}", "powers of ten only"),
        ("{topic: t, payload: '{{power | floor}}'}", "\"round\" or \"round 2\""),
        ("{topic: t, payload: '{{power'}", "{{ without }}"),
        ("{topic: t, payload: hello}", "no {{alias}} of a register"),
        ("{topic: 't/#', payload: '{{power}}'}", "has \"#\" in it"),
        ("{payload: '{{power}}'}", "needs \"topic\" and \"payload\""),
        ("{topic: t, payload: '{{meter * 10}}'}", "is not a number of a meter"),
    ])
    func `a mistake in a template is said`(options: String, sentence: String) {
        let problems = TestPipeline.problems(outputs: "[template: \(options)]")
        #expect(problems.count == 1 && problems[0].contains(sentence), "\(problems)")
    }
}
