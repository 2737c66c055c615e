// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

/// The registers that every meter shall have, whatever its reader sends: made of others, or absent.
@Suite struct CoreRegisterTests {
    /// A message and what it must give; an empty text stands for an absent register.
    struct Step {
        var words: String
        var core: [String: String]
        /// The meter's serial number.
        var id = "1111"
        /// What a person types before it comes.
        var command: String?

        init(_ words: String, _ core: [String: String], id: String = "1111", command: String? = nil) {
            (self.words, self.core, self.id, self.command) = (words, core, id, command)
        }
    }

    private static let (total, exported, net) = ("1-0:1.8.0", "1-0:2.8.0", "1-0:16.7.0")
    private static let (imports, exports) = ("1-0:1.7.0", "1-0:2.7.0")

    /// Ten readings of two tariffs, the last of which has the total.
    private static let learned = (0..<10).map { step in
        Step("1-0:1.8.1=100.\(step)kWh 1-0:1.8.2=200.5kWh", [total: step < 9 ? "" : "301.4"])
    }

    private static func net(_ value: Int, _ more: [String: String] = [:]) -> [String: String] {
        more.merging([net: "\(value)"]) { own, _ in own }
    }

    static let sequences: [(name: String, steps: [Step])] = [
        (
            "a tariff that is missing in one message makes no total of the others",
            learned + [
                Step("1-0:1.8.1=101.5kWh 1-0:1.7.0=3W", [total: ""]),
                Step("1-0:1.8.1=101.6kWh 1-0:1.8.2=200.5kWh", [total: "302.1"]),
            ]
        ),
        (
            "a message with a single register teaches nothing",
            (0..<15).map { Step("1-0:1.8.1=100.\($0)kWh", [total: ""]) } + [
                Step("1-0:1.8.1=110.5kWh 1-0:1.8.2=200.5kWh", [total: ""])
            ]
        ),
        (
            "a tariff that comes within the first ten readings begins the count anew",
            (0..<5).map { Step("1-0:1.8.1=100.\($0)kWh 1-0:1.7.0=5W", [total: ""]) }
                + (0..<10).map {
                    Step("1-0:1.8.1=101.\($0)kWh 1-0:1.8.2=7kWh", [total: $0 < 9 ? "" : "108.9"])
                }
        ),
        (
            "a tariff that begins after a year at zero belongs to the total",
            learned + [
                Step("1-0:1.8.1=110kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=0kWh", [total: "310.5"]),
                Step("1-0:1.8.1=110kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=0.25kWh", [total: "310.75"]),
                Step("1-0:1.8.1=111kWh 1-0:1.8.2=200.5kWh", [total: ""]),
            ]
        ),
        (
            "one that does not begin at zero keeps the total where it is until somebody says so",
            learned + [
                Step("1-0:1.8.1=110kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=5000kWh", [total: ""]),
                Step("1-0:1.8.1=111kWh 1-0:1.8.2=200.5kWh", [total: ""]),
                Step("1-0:1.8.1=111kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=5000.5kWh", [total: ""]),
                Step(
                    "1-0:1.8.1=112kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=5001kWh", [total: "5313.5"], command: "accept"),
                Step("1-0:1.8.1=113kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=5001kWh", [total: "5314.5"]),
            ]
        ),
        (
            "another meter is learned anew",
            learned
                + (0..<10).map { step in
                    Step(
                        "1-0:1.8.1=1.\(step)kWh 1-0:1.8.2=2kWh 1-0:1.8.3=3kWh", [total: step < 9 ? "" : "6.9"],
                        id: "2222")
                }
        ),
        (
            "a total that the meter sends itself is never computed again",
            learned + [
                Step("1-0:1.8.0=302kWh 1-0:1.8.1=101kWh 1-0:1.8.2=201kWh", [total: "302"]),
                Step("1-0:1.8.1=102kWh 1-0:1.8.2=201kWh", [total: ""]),
            ]
        ),
        (
            "tariffs into the grid have a total of their own",
            (0..<10).map {
                Step("1-0:1.8.1=1.\($0)kWh 1-0:2.8.1=10kWh 1-0:2.8.2=20.\($0)kWh", [exported: $0 < 9 ? "" : "30.9"])
            }
        ),
        (
            "a held tariff is no part of a total",
            learned + [
                Step("1-0:1.8.1=0kWh 1-0:1.8.2=200.5kWh", [total: ""]),
                Step("1-0:1.8.1=110kWh 1-0:1.8.2=200.5kWh", [total: "310.5"]),
            ]
        ),
        (
            "energy of phases and of vendors' own registers is no tariff",
            (0..<12).map {
                Step("1-0:21.8.0=1.\($0)kWh 1-0:41.8.0=2kWh 1-0:1.8.64=7kWh 1-0:1.8.129=9kWh", [total: ""])
            }
        ),
        (
            "signed power has two directions",
            [
                Step("1-0:16.7.0=500W 1-0:1.8.0=10kWh", [imports: "500", exports: "0"]),
                Step("1-0:16.7.0=-1.5kW 1-0:1.8.0=10kWh", [imports: "0", exports: "1500"]),
                Step("1-0:16.7.0=0W", [imports: "0", exports: "0"]),
            ]
        ),
        (
            "one direction beside the net power gives the other, of a meter that adds up its phases too",
            [
                Step("1-0:16.7.0=-300W 1-0:1.7.0=200W", [exports: "500"]),
                Step("1-0:16.7.0=300W 1-0:1.7.0=200W", [exports: ""]),
                Step("1-0:16.7.0=-300W", [imports: "", exports: ""]),
            ]
        ),
        (
            "net power that was made of an import alone says nothing about an export",
            (0..<12).map {
                Step(
                    "1-0:1.7.0=5\($0)W 1-0:1.8.0=10kWh",
                    $0 < 9 ? [net: "", exports: ""] : net(50 * ($0 < 10 ? 1 : 10) + $0, [exports: ""]))
            }
        ),
        (
            "an import alone is no net power of a meter that has exported",
            (0..<12).map { Step("1-0:1.7.0=5\($0)W 1-0:1.8.0=10kWh 1-0:2.8.0=0.2kWh", [net: ""]) }
        ),
        (
            "phases give the net power once no further one comes",
            (0..<3).map { _ in Step("1-0:36.7.0=100W 1-0:1.8.0=10kWh", [net: ""]) }
                + (0..<10).map {
                    Step(
                        "1-0:36.7.0=100W 1-0:56.7.0=-350W 1-0:76.7.0=5\($0)W",
                        $0 < 9 ? [net: "", imports: ""] : net(-191, [imports: "0", exports: "191"]))
                } + [
                    Step("1-0:36.7.0=100W 1-0:56.7.0=-50W", [net: "", imports: "", exports: ""]),
                    Step("1-0:36.7.0=100W 1-0:56.7.0=-50W 1-0:76.7.0=1W", net(51, [imports: "51", exports: "0"])),
                ]
        ),
        (
            "both directions of a phase give its net power",
            [
                Step(
                    "1-0:21.7.0=100W 1-0:22.7.0=0W 1-0:41.7.0=0W 1-0:42.7.0=30W",
                    ["1-0:36.7.0": "100", "1-0:56.7.0": "-30"]),
                Step("1-0:21.7.0=120W 1-0:42.7.0=30W", ["1-0:36.7.0": "", "1-0:56.7.0": ""]),
            ]
        ),
        (
            "a phase without an export register is its import, where the meter never exports",
            (0..<10).map { Step("1-0:21.7.0=9\($0)W 1-0:41.7.0=1W", ["1-0:36.7.0": $0 < 9 ? "" : "99", net: ""]) }
                + (0..<9).map {
                    Step("1-0:21.7.0=9\($0)W 1-0:41.7.0=1W", ["1-0:36.7.0": "9\($0)", net: $0 < 8 ? "" : "99"])
                }
                + [Step("1-0:21.7.0=99W 1-0:22.7.0=0W 1-0:41.7.0=1W", ["1-0:36.7.0": "99", "1-0:56.7.0": "", net: ""])]
        ),
        (
            "and not where the meter has an export of all phases",
            (0..<12).map { Step("1-0:21.7.0=9\($0)W 1-0:1.7.0=90W 1-0:2.7.0=0W", ["1-0:36.7.0": ""]) }
        ),
        (
            "registers of two times are no total power",
            (0..<12).map { Step("1-0:36.7.0=9\($0)W 1-0:56.7.0=5W@1795210000", [net: ""]) }
        ),
    ]

    @Test(arguments: sequences.indices)
    func `core registers come of what a meter sends, wherever the bridge is restarted`(sequence: Int) throws {
        let (name, steps) = Self.sequences[sequence]
        for restart in -1..<steps.count {
            var house = try House()
            for (index, step) in steps.enumerated() {
                if index == restart { house.restart() }
                if let command = step.command {
                    let answer = house.command(
                        Array("{\"command\":\"\(command)\",\"meter\":\"m-1\",\"request\":\"r\"}".utf8))
                    #expect(
                        answer.payloads("/answer").last?.contains("goes on from") == true,
                        "\(answer.payloads("/answer"))")
                }
                let out = house.send(step.words, id: step.id)
                let registers = out.registers
                for (code, value) in step.core {
                    let place = Comment(rawValue: "\(name): \(code) of message \(index), restart before \(restart)")
                    #expect(registers[code] ?? "" == value, place)
                    #expect(out.payloads("/obis/\(code)").last ?? value == value, place)
                }
            }
        }
    }

    @Test func `a late tariff is said in the reading, in state and in the log`() throws {
        var house = try House()
        for step in Self.learned { _ = house.send(step.words) }
        #expect(house.send("1-0:1.8.1=110kWh 1-0:1.8.2=200.5kWh").rules == [[]])
        let late = house.send("1-0:1.8.1=110kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=5000kWh")
        #expect(late.rules == [["counter.jump"]])
        let state = late.payloads("/state")[0]
        #expect(state.contains("\"1-0:1.8.0\":{\"value\":310.5,") && state.contains("\"quality\":\"held\""))
        #expect(state.contains("\"totals\":{\"import\":{\"parts\":[1,2],\"late\":[3],\"steady\":10}}"))
        let said = house.pipeline.pipeline.takeDiagnostics().map(\.description)
        #expect(
            said.contains { $0.contains("tariff 3 appeared after the total 1-0:1.8.0 was known") }, "\(said)")
        var silent = try House(profile: "fixes: {counter.jump: off}")
        for step in Self.learned { _ = silent.send(step.words) }
        #expect(
            silent.send("1-0:1.8.1=110kWh 1-0:1.8.2=200.5kWh 1-0:1.8.3=5000kWh").registers["1-0:1.8.0"] == "5310.5")
    }

    @Test func `info says what the totals are made of`() throws {
        var house = try House()
        var info: [String] = []
        for step in Self.learned { info += house.send(step.words).payloads("/info") }
        #expect(info.last?.contains("\"tariffs\":{\"import\":[1,2]}") == true)
        #expect(!info.dropLast().contains { $0.contains("\"tariffs\"") })
    }

    @Test func `each of them can be switched off`() throws {
        var house = try House(profile: "derived: {\"1-0:1.8.0\": {enabled: false}, \"1-0:2.7.0\": ~}")
        for step in Self.learned { #expect(house.send(step.words).registers["1-0:1.8.0"] == nil) }
        let power = house.send("1-0:16.7.0=-5W").registers
        #expect(power["1-0:1.7.0"] == "0" && power["1-0:2.7.0"] == nil)
    }

    @Test func `what a user adds up takes the place of the tariffs`() throws {
        var house = try House(profile: "derived: {\"1-0:1.8.0\": {add: [\"1-0:1.8.1\", \"1-0:1.8.2\"]}}")
        #expect(house.send("1-0:1.8.1=1kWh 1-0:1.8.2=2kWh").registers["1-0:1.8.0"] == "3")
    }

    // MARK: - Whatever comes

    private static func random(_ seed: UInt64) -> [String] {
        var random = SplitMix64(state: seed)
        var counters: [Int64] = [100_000, 0, 5_000, 70_000, 0]
        let codes = ["1-0:1.8.1", "1-0:1.8.2", "1-0:1.8.3", "1-0:2.8.1", "1-0:2.8.2"]
        // Which registers this meter sends, always, now and then, or never.
        let chances = codes.map { _ in [0, 20, 20, 20, 12].randomElement(using: &random) ?? 20 }
        let powers = [
            "1-0:1.7.0", "1-0:2.7.0", "1-0:16.7.0", "1-0:36.7.0", "1-0:56.7.0", "1-0:76.7.0", "1-0:21.7.0",
            "1-0:22.7.0",
        ]
        let powerChances = powers.map { _ in [0, 0, 20, 20, 14].randomElement(using: &random) ?? 20 }
        return (0..<45).map { _ in
            var words: [String] = []
            for (index, code) in codes.enumerated() {
                counters[index] += Int64.random(in: 0...200, using: &random)
                guard Int.random(in: 0..<20, using: &random) < chances[index] else { continue }
                words.append("\(code)=\(ExactDecimal(counters[index], exponent: -3))kWh")
            }
            let house = Int.random(in: -4000...4000, using: &random)
            for (index, code) in powers.enumerated() {
                guard Int.random(in: 0..<20, using: &random) < powerChances[index] else { continue }
                let value =
                    switch code {
                    case "1-0:1.7.0", "1-0:21.7.0": max(0, house)
                    case "1-0:2.7.0", "1-0:22.7.0": max(0, -house)
                    default: house
                    }
                words.append("\(code)=\(value)W")
            }
            return words.joined(separator: " ")
        }
    }

    private static let seeds: Range<UInt64> = {
        0..<(ProcessInfo.processInfo.environment["OBIS_SEEDS"].flatMap { UInt64($0) } ?? 30)
    }()

    @Test(arguments: seeds) func `a total never falls while its tariffs do not, and the three powers agree`(
        seed: UInt64
    ) throws {
        var house = try House()
        var last: [String: ExactDecimal] = [:]
        for words in Self.random(seed) {
            let out = house.send(words)
            guard let registers = out.readings.last?["registers"] as? [String: [String: Any]] else { continue }
            func number(_ code: String) -> ExactDecimal? { registers[code]?["value"].flatMap { ExactDecimal("\($0)") } }
            func isDerived(_ code: String) -> Bool { registers[code]?["derived"] != nil }
            for code in ["1-0:1.8.0", "1-0:2.8.0"] {
                guard let value = number(code) else { continue }
                #expect(isDerived(code) && value >= last[code] ?? .zero, "seed \(seed): \(words)")
                last[code] = value
            }
            if isDerived("1-0:1.7.0") || isDerived("1-0:2.7.0") || isDerived("1-0:16.7.0"),
                let one = number("1-0:1.7.0"), let other = number("1-0:2.7.0"), let net = number("1-0:16.7.0")
            {
                #expect(one.subtracting(other) == net, "seed \(seed): \(words)")
            }
        }
    }

    @Test(arguments: seeds) func `a restart between any two messages changes no value`(seed: UInt64) throws {
        let messages = Self.random(seed)
        func play(_ restart: Int?) throws -> [[String: String]] {
            var house = try House()
            return messages.enumerated().map { index, words in
                if index == restart { house.restart() }
                return house.send(words).registers
            }
        }
        let whole = try play(nil)
        for restart in stride(from: 1, to: messages.count, by: 3) {
            #expect(try play(restart) == whole, "seed \(seed), restart before \(restart)")
        }
    }
}
