// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport

/// Readers of one kind, with three configurations among which a reload or a restart may change, and messages by chance: good ones,
/// and everything that readers are known for.
struct MadeUpHouse: Sendable {
    enum Kind: Sendable { case gplug, sml, p1, collector }

    let kind: Kind
    let configurations: [String]

    static let all: [MadeUpHouse] = [
        MadeUpHouse(
            kind: .gplug,
            configurations: [
                "zone: Europe/Zurich\nsources: {gplug: {adapter: gplug, labels: gplug-d}}",
                "zone: Europe/Zurich\nsources: {gplug: {adapter: gplug, labels: gplug-d}}\nmeters: {house: {ids: [10000021], name: House, ct: 5}}",
                "zone: UTC\nsources: {gplug: {adapter: gplug, labels: gplug-d, scale: {voltage: 10}, fixes: {time.zone-error: flag}}}",
            ]),
        MadeUpHouse(
            kind: .sml,
            configurations: [
                "zone: Europe/Berlin\nsources: {sml: {adapter: tasmota, labels: tasmota-sml, subscribe: tele/+/SENSOR}}",
                "zone: Europe/Berlin\nsources: {sml: {adapter: tasmota, labels: tasmota-sml, subscribe: tele/+/SENSOR, meter: cellar}}",
                "zone: Europe/Berlin\nsources: {tasmota: {adapter: tasmota, labels: tasmota-sml, subscribe: tele/+/SENSOR}}\nprofile: {topics: {value: {enabled: true}}}",
            ]),
        MadeUpHouse(
            kind: .p1,
            configurations: [
                "zone: Europe/Brussels\nsources: {p1: {adapter: p1, subscribe: p1/+, crc: off}}",
                "zone: Europe/Brussels\nsources: {p1: {adapter: p1, subscribe: p1/+, crc: off}}\nmeters: {house: {ids: [E0044007124985021], max_power: 9 kW}}",
                "zone: Europe/Brussels\nsources: {p1: {adapter: p1, subscribe: p1/+, crc: off, fixes: {counter.jump: flag}}}\nprofile: {derived: {1.8.0: {enabled: true}}}",
            ]),
        MadeUpHouse(
            kind: .collector,
            configurations: [
                "zone: Europe/Zurich\nsources: {collector: {adapter: smartmeter-datacollector}}",
                "zone: Europe/Zurich\nsources: {collector: {adapter: smartmeter-datacollector}}\nmeters: {house: {ids: [LGZ1030655900017], name: House}}",
                "zone: Europe/Zurich\nsources: {smd: {adapter: smartmeter-datacollector, scale: auto}}\nprofile: {provenance: full}",
            ]),
    ]

    /// What one sequence of messages, restarts and reloads publishes.
    func play(_ seed: UInt64, _ settings: [Pipeline.Settings]) -> [Publication] {
        var random = SplitMix64(state: seed)
        var run = ConfiguredRun(settings[0], at: ConfiguredRun.start + .milliseconds(Int64(seed % 1000)))
        var world = World(&random)
        for _ in 0..<12 {
            switch random.number(0...15) {
            case 0: run.restart()
            case 1: run.restart(settings[random.number(0...settings.count - 1)])
            case 2: run.reload()
            case 3: run.reload(settings[random.number(0...settings.count - 1)])
            default: break
            }
            let pause = random.element(of: [20, 1000, 10_000, 10_000, 10_000, 60_000, 900_000])
            run.jump(Int64(pause))
            world.advance(by: Int64(pause), &random)
            for (topic, payload) in messages(world, at: run.now, &random) {
                run.jump(1)
                run.send(topic, payload)
            }
        }
        run.jump(10_000)
        run.flush()
        run.health()
        return run.published
    }

    /// The state of a house.
    private struct World {
        var imported: Int64
        var exported: Int64
        var gas: Int64
        var power = 0
        /// False for a meter that adds up the phases of each direction.
        let isNetting: Bool
        /// Seconds that the reader's clock is ahead.
        let ahead: Int64
        var isExchanged = false

        init(_ random: inout SplitMix64) {
            imported = random.number(0...20_000_000)
            exported = random.number(0...1) == 0 ? 0 : random.number(0...9_000_000)
            gas = random.number(0...9_000_000)
            isNetting = random.number(0...3) > 0
            ahead = random.element(of: [0, 0, 0, 1, 90, 3600, -3600])
        }

        mutating func advance(by milliseconds: Int64, _ random: inout SplitMix64) {
            imported += random.number(0...milliseconds / 1000 + 1)
            if exported > 0 { exported += random.number(0...milliseconds / 2000 + 1) }
            gas += random.number(0...2)
            power = random.number(-6000...9000)
            if random.number(0...59) == 0 {
                isExchanged = true
                imported = 12
            }
        }
    }

    private func messages(
        _ world: World, at now: Timestamp, _ random: inout SplitMix64
    ) -> [(String, [UInt8])] {
        var imported = world.imported
        var power = (max(0, world.power), max(0, -world.power))
        if !world.isNetting { power = (power.0 + 200, power.1 + 150) }
        var second = world.ahead
        var isDamaged = false
        var isTwice = false
        switch random.number(0...23) {
        case 0: imported = 0
        case 1: imported -= random.number(1...3000)
        case 2: imported += 524_288_000
        case 3: second -= 3 * 86_400
        case 4: second += 900
        case 5: isDamaged = true
        case 6: isTwice = true
        case 7: return [offline]
        default: break
        }
        let time = now + .seconds(second)
        var messages = self.messages(world, max(0, imported), power, time, &random)
        if isDamaged, let last = messages.popLast() {
            messages.append((last.0, Array(last.1.prefix(last.1.count / 2))))
        }
        return isTwice ? messages + messages : messages
    }

    private var offline: (String, [UInt8]) {
        switch kind {
        case .gplug: ("tele/gPlugD_A/LWT", Array("Offline".utf8))
        case .sml:
            ("tele/sml/SENSOR", Array("{\"Time\":\"2026-11-20T12:00:00\",\"DS18B20\":{\"Temperature\":21}}".utf8))
        case .p1: ("p1/a", Array("nothing of a telegram\r\n".utf8))
        case .collector: ("smartmeter/LGZ1030655900017/ACTIVE_POWER_P", Array("{\"value\": null}".utf8))
        }
    }

    private func messages(
        _ world: World, _ imported: Int64, _ power: (Int, Int), _ time: Timestamp, _ random: inout SplitMix64
    ) -> [(String, [UInt8])] {
        func kilo(_ number: Int64) -> String { ExactDecimal(number, exponent: -3).description }
        let voltage = ExactDecimal(random.number(Int64(2250)...2350), exponent: -1).description
        switch kind {
        case .gplug:
            let stamp = wall(time, adding: 3600)
            let both = "\"Pi\":\(kilo(Int64(power.0))),\"Po\":\(kilo(Int64(power.1)))"
            let words =
                switch random.number(0...5) {
                case 0: ["\"Pi\":\(kilo(Int64(power.0)))"]
                case 1: ["\"Pi\":\(kilo(Int64(power.0)))", "\"Po\":\(kilo(Int64(power.1)))"]
                default:
                    [
                        "\"SMid\":\"31303030303032\(world.isExchanged ? "32" : "31")\",\(both),\"V1\":\(voltage),\"Ei\":\(kilo(imported)),\"Eo\":\(kilo(world.exported))"
                    ]
                }
            return words.map { ("tele/gPlugD_A/SENSOR", Array("{\"Time\":\"\(stamp)\",\"z\":{\($0)}}".utf8)) }
        case .sml:
            let id = world.isExchanged ? "0901454d4800004735c8" : "0901454d4800004735c7"
            let words =
                random.number(0...3) == 0
                ? "\"Power_curr\":\(power.0 - power.1)"
                : "\"Meter_Number\":\"\(id)\",\"Total_in\":\(kilo(imported)),\"Total_out\":\(kilo(world.exported)),\"Power_curr\":\(power.0 - power.1)"
            return [("tele/sml/SENSOR", Array("{\"Time\":\"\(wall(time, adding: 3600))\",\"SML\":{\(words)}}".utf8))]
        case .p1:
            let stamp = wall(time, adding: 3600).dropFirst(2).filter(\.isNumber)
            let id = "453030343430303731323439383530323\(world.isExchanged ? "2" : "1")"
            let lines = [
                "/ISK5\\2M550T-1012", "", "0-0:1.0.0(\(stamp)W)", "0-0:96.1.1(\(id))",
                "1-0:1.8.1(\(kilo(imported / 3))*kWh)",
                "1-0:1.8.2(\(kilo(imported - imported / 3))*kWh)", "1-0:1.7.0(\(kilo(Int64(power.0)))*kW)",
                "1-0:2.7.0(\(kilo(Int64(power.1)))*kW)", "1-0:32.7.0(\(voltage)*V)", "0-1:24.1.0(003)",
                "0-1:96.1.0(4730303332353631323736373130303231)", "0-1:24.2.1(\(stamp)W)(\(kilo(world.gas))*m3)", "!",
            ]
            let bytes = Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
            guard random.number(0...4) == 0 else { return [("p1/a", bytes)] }
            let cut = random.number(1...bytes.count - 1)
            return [("p1/a", Array(bytes[..<cut])), ("p1/a", Array(bytes[cut...]))]
        case .collector:
            let id = world.isExchanged ? "LGZ1030655900018" : "LGZ1030655900017"
            let values = [
                ("ACTIVE_POWER_P", "\(power.0)"), ("ACTIVE_POWER_N", "\(power.1)"), ("ACTIVE_ENERGY_P", "\(imported)"),
                ("ACTIVE_ENERGY_N", "\(world.exported)"), ("VOLTAGE_L1", voltage),
            ]
            let count = random.number(0...4) == 0 ? 2 : values.count
            return values.prefix(count).map { name, value in
                ("smartmeter/\(id)/\(name)", Array("{\"value\": \(value), \"timestamp\": \(time.seconds)}".utf8))
            }
        }
    }

    /// A clock face without its offset.
    private func wall(_ time: Timestamp, adding seconds: Int64) -> String {
        String("\(Timestamp(seconds: time.seconds + seconds))".prefix(19))
    }
}
