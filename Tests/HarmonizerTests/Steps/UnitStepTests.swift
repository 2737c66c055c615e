// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Harmonizer

/// What a register can be, and what only a reader makes of it.
@Suite struct UnitStepTests {
    /// Most numbers are converted without being judged one by one: the short way gives what the long one gives, and takes none of
    /// which the long one has something to say.
    @Test func `a number about which there is nothing to say is the same either way`() throws {
        let profile = try Profile()
        let harmonizer = RegisterHarmonizer(
            zone: .utc, time: Timestamp(seconds: 1_800_000_000), clock: .believed, limits: profile.time,
            arrival: Timestamp(seconds: 1_800_000_000), factors: Factors(), maxPower: nil)
        var random = SplitMix64(state: 21)
        var usual = 0
        for obis in profile.registers.keys.sorted() + [OBISCode(1, 0, 99, 99, 9), OBISCode(0, 0, 96, 13, 0)] {
            for unit in Unit.all.map(Optional.some) + [nil, .asReceived("imp")] {
                let rule = RegisterRule(obis, unit: unit, profile: profile)
                for _ in 0..<20 {
                    let digits = random.number(Int64(0)...19)
                    let most = (0..<digits).reduce(Int64(1)) { product, _ in
                        product.multipliedReportingOverflow(by: 10).partialValue
                    }
                    let mantissa =
                        random.number(Int64(0)...max(1, abs(most == .min ? 1 : most) &- 1))
                        * (random.next() % 4 == 0 ? -1 : 1)
                    let number = ExactDecimal(mantissa, exponent: random.number(-6...4))
                    guard let short = UsualRule(rule, received: obis).value(number) else { continue }
                    usual += 1
                    var fixes = FixDecisions(profile.policies)
                    let long = harmonizer.harmonise(
                        Observation(obis, .number(number), unit: unit), by: rule, fixes: &fixes)
                    #expect(long == short, "\(obis) \(number)")
                    #expect(fixes.all.isEmpty, "\(obis) \(number) \(unit?.symbol ?? "")")
                }
            }
        }
        #expect(usual > 5000)
    }

    @Test func `a current has no sign, and its phase's power says the direction`() throws {
        var house = try House()
        let out = house.send("1-0:31.7.0=-4A 1-0:36.7.0=-920W 1-0:51.7.0=2A 1-0:56.7.0=460W 1-0:71.7.0=-1A")
        #expect(out.registers["1-0:31.7.0"] == "4" && out.rules == [[]])
        let state = out.payloads("/state")[0]
        #expect(state.contains("\"current_l1\":4,"))
        #expect(state.contains("\"current_net_l1\":-4,\"current_net_l2\":2}"), "\(state)")
        #expect(out.payloads("/info")[0].contains("{\"kind\":\"magnitude\",\"field\":\"1-0:31.7.0\"}"))
        let later = house.send("1-0:31.7.0=5A 1-0:1.8.0=10kWh").payloads("/state")[0]
        #expect(!later.contains("current_net_l1"), "the power is of another message")
    }

    @Test(arguments: [
        ("0-0:17.0.0", "999.9kW"), ("0-0:17.0.0", "999kW"), ("0-0:17.0.0", "999900W"), ("1-0:31.4.0", "999A"),
    ]) func `a limit that means none is absent`(code: String, value: String) throws {
        var house = try House()
        let out = house.send("1-0:1.8.0=10kWh \(code)=\(value)")
        #expect(out.registers == ["1-0:1.8.0": "10"] && out.rules == [[]])
        #expect(out.payloads("/info")[0].contains("{\"kind\":\"unlimited\",\"field\":\"\(code)\"}"))
    }

    @Test(arguments: [
        ("0-0:17.0.0", "17.3kW", "17300"), ("1-0:31.4.0", "25A", "25"), ("1-0:1.8.0", "999.9kWh", "999.9"),
    ])
    func `a limit is a limit`(code: String, value: String, published: String) throws {
        var house = try House()
        #expect(house.send("\(code)=\(value)").registers[code] == published)
    }

    private static func entry(ct: Int64 = 1, maxPower: Int64? = nil) -> [MeterEntry] {
        [
            MeterEntry(
                id: "m-1", name: nil, rawIDs: [], ct: ExactDecimal(ct), maxPower: maxPower.map { ExactDecimal($0) },
                place: "bridge.yaml:9")
        ]
    }

    @Test func `power above a hundred kilowatts is doubted where nobody said that it can be`() throws {
        let words = "1-0:1.7.0=150kW 1-0:2.7.0=0W 1-0:1.8.0=10kWh"
        var house = try House()
        let doubted = house.send(words)
        #expect(doubted.rules == [["value.out-of-range"]] && doubted.registers["1-0:1.7.0"] == "150000")
        #expect(house.send("1-0:1.7.0=99.9kW 1-0:2.7.0=0W 1-0:1.8.0=10kWh").rules == [[]])
        var works = try House(meters: Self.entry(maxPower: 400_000))
        #expect(works.send(words).rules == [[]])
        #expect(works.send("1-0:1.7.0=401kW 1-0:1.8.0=10kWh").rules == [["value.out-of-range"]])
        var transformed = try House(meters: Self.entry(ct: 60))
        #expect(transformed.send("1-0:1.7.0=5kW 1-0:2.7.0=0W").rules == [[]])
    }

    @Test(arguments: [
        ("7-0:3.0.0", "gas", "m3", "Gas meter"), ("8-0:1.0.0", "water", "m3", "Water meter"),
        ("9-0:1.0.0", "warm_water", "m3", "Warm water meter"), ("6-0:1.0.0", "heat", "kWh", "Heat meter"),
    ]) func `a meter of its own for gas, water or heat is guarded and has a name`(
        code: String, alias: String, unit: String, name: String
    ) throws {
        var house = try House()
        let first = house.send("\(code)=812.5\(unit)")
        #expect(first.payloads("/state")[0].contains("\"values\":{\"\(alias)\":812.5}"))
        let zero = house.send("\(code)=0\(unit)")
        #expect(zero.rules == [["counter.zero"]] && zero.registers.isEmpty)
        #expect(house.send("\(code)=812.6\(unit)").registers[code] == "812.6")
        var assistant = try TestPipeline(outputs: "home-assistant")
        let said = assistant.send("in/a", "id=1 t=1795217228 \(code)=812.5\(unit)")
        #expect(said.contains { String(decoding: $0.payload, as: UTF8.self).contains("\"name\":\"\(name) 1\"") })
    }
}
