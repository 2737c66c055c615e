// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What a person may tell the running bridge.
@Suite struct CommandTests {
    private func answer(_ publications: [Publication]) -> Answer? {
        publications.last { $0.topic == "harmonized/v1/bridge/test/answer" }.flatMap { Answer($0.payload) }
    }

    @Test func `accept publishes what is held, and the counters go on from there`() throws {
        var house = try House()
        _ = house.send("1-0:1.8.0=500kWh 1-0:2.8.0=7kWh")
        _ = house.send("1-0:1.8.0=3.5kWh 1-0:2.8.0=0kWh")
        let out = house.command(Command(.accept, meter: "m-1", request: "r1").payload)
        #expect(
            answer(out)
                == Answer(
                    request: "r1", isDone: true,
                    lines: [
                        "meter m-1: 1-0:1.8.0 goes on from 3.5 kWh instead of 500 kWh",
                        "meter m-1: 1-0:2.8.0 goes on from 0 kWh instead of 7 kWh",
                    ]))
        #expect(out.registers == ["1-0:1.8.0": "3.5", "1-0:2.8.0": "0"])
        #expect(
            out.payloads("/reading")[0].contains(
                "\"fixes\":[{\"rule\":\"counter.confirmed\",\"level\":\"repair\",\"fields\":[\"1-0:1.8.0\",\"1-0:2.8.0\"],"
                    + "\"action\":\"accept\",\"original\":\"500, 7\",\"with\":\"3.5, 0\",\"by\":\"accept\"}]"))
        #expect(out.payloads("/obis/1-0:1.8.0") == ["3.5"] && !out.payloads("/state")[0].contains("held"))
        #expect(house.send("1-0:1.8.0=3.75kWh 1-0:2.8.0=0kWh").rules == [[]])
        #expect(house.send("1-0:1.8.0=3.5kWh").rules == [["counter.decrease"]])
    }

    @Test func `what was accepted survives a restart`() throws {
        var house = try House()
        _ = house.send("1-0:1.8.0=500kWh")
        _ = house.send("1-0:1.8.0=3.5kWh")
        house.restart(with: house.command(Command(.accept, meter: "m-1", request: "r").payload))
        #expect(house.send("1-0:1.8.0=3.75kWh").rules == [[]])
    }

    @Test func `accepting twice does no harm`() throws {
        var house = try House()
        _ = house.send("1-0:1.8.0=500kWh")
        _ = house.send("1-0:1.8.0=3.5kWh")
        _ = house.command(Command(.accept, meter: "m-1", request: "r").payload)
        let again = house.command(Command(.accept, meter: "m-1", request: "s").payload)
        #expect(again.count == 1)
        #expect(answer(again) == Answer(request: "s", isDone: true, lines: ["meter m-1: nothing is held"]))
    }

    @Test func `accept also believes the zeros of a new meter`() throws {
        var house = try House()
        _ = house.send("1-0:1.8.0=0kWh 1-0:2.8.0=0kWh")
        let out = house.command(Command(.accept, meter: "m-1", request: "r").payload)
        #expect(out.registers == ["1-0:1.8.0": "0", "1-0:2.8.0": "0"])
        #expect(
            answer(out)?.lines == [
                "meter m-1: 1-0:1.8.0 goes on from 0 kWh", "meter m-1: 1-0:2.8.0 goes on from 0 kWh",
            ])
    }

    @Test func `forget clears every topic that the broker keeps`() throws {
        var house = try House(profile: "topics: {value: {enabled: true}}")
        let before = house.send("1-0:1.8.0=500kWh 1-0:1.7.0=5W 0-0:96.14.0=2")
        let out = house.command(Command(.forget, meter: "m-1", request: "f").payload)
        let kept = Set(before.filter(\.isRetained).map(\.topic))
        let cleared = out.filter { $0.isRetained && $0.payload.isEmpty }.map(\.topic)
        #expect(Set(cleared) == kept && cleared.count == kept.count)
        #expect(kept.contains("harmonized/v1/meter/m-1/value/energy_import"))
        #expect(answer(out)?.lines.first == "meter m-1: forgotten, \(kept.count) retained topics cleared")
        let unknown = house.command(Command(.forget, meter: "m-1", request: "g").payload)
        #expect(answer(unknown)?.isDone == false)
        let back = house.send("1-0:1.8.0=3kWh")
        #expect(back.rules == [[]] && back.payloads("/info").count == 1 && back.payloads("/availability") == ["online"])
    }

    @Test func `forget also clears what an earlier run left`() throws {
        var house = try House(profile: "topics: {value: {enabled: true}}")
        let before = house.send("1-0:1.8.0=500kWh 0-0:96.14.0=2")
        house.restart()
        let out = house.command(Command(.forget, meter: "m-1", request: "f").payload)
        #expect(
            Set(out.filter { $0.isRetained && $0.payload.isEmpty }.map(\.topic))
                == Set(before.filter(\.isRetained).map(\.topic)))
    }

    @Test(arguments: [
        ("", "a command is a JSON object with command, meter and request"),
        ("accept m-1", "a command is a JSON object with command, meter and request"),
        ("{\"command\":\"acept\",\"meter\":\"m-1\"}", "unknown command \"acept\", did you mean \"accept\"?"),
        ("{\"command\":\"accept\"}", "\"accept\" needs a meter"),
        ("{\"command\":\"accept\",\"meter\":\"m-2\"}", "no meter \"m-2\", did you mean \"m-1\"?"),
        ("{\"command\":\"accept\",\"meter\":\"m/1\"}", "no meter \"m/1\", did you mean \"m-1\"?"),
    ]) func `what is no command is refused, with a sentence`(payload: String, reason: String) throws {
        var house = try House()
        _ = house.send("1-0:1.8.0=500kWh")
        let out = house.command(Array(payload.utf8))
        #expect(out.count == 1 && answer(out) == Answer(request: "", isDone: false, lines: [reason]))
    }

    @Test func `a long command is refused, and a long request is cut`() throws {
        var house = try House()
        let long = String(repeating: "x", count: 900)
        #expect(answer(house.command(Command(.accept, meter: "m", request: long).payload))?.request.count == 64)
        #expect(answer(house.command(Command(.accept, meter: "m", request: long + long).payload))?.isDone == false)
    }
}
