// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What becomes of counters that fall, jump, or are suddenly zero.
@Suite struct CounterTests {
    private func house(_ profile: String = "{}", meters: [MeterEntry] = []) throws -> House {
        try House(profile: profile, meters: meters)
    }

    // MARK: - The zero that Home Assistant books as a year's consumption

    @Test func `a zero between two readings is held`() throws {
        var house = try house()
        #expect(house.send("1-0:1.8.0=12345.678kWh").registers["1-0:1.8.0"] == "12345.678")
        let zero = house.send("1-0:1.8.0=0kWh 1-0:1.7.0=500W")
        #expect(zero.registers["1-0:1.8.0"] == nil && zero.registers["1-0:1.7.0"] == "500")
        #expect(
            zero.payloads("/reading")[0].contains(
                "\"fixes\":[{\"rule\":\"counter.zero\",\"level\":\"doubt\",\"fields\":[\"1-0:1.8.0\"],"
                    + "\"action\":\"hold\",\"original\":\"0\"}]"))
        #expect(
            zero.payloads("/state")[0].contains(
                "\"1-0:1.8.0\":{\"value\":12345.678,\"unit\":\"kWh\",\"time\":\"2026-11-20T23:27:18Z\",\"quality\":\"held\","
                    + "\"held\":{\"rule\":\"counter.zero\",\"value\":0,"), "\(zero.payloads("/state"))")
        #expect(zero.payloads("/obis/1-0:1.8.0").isEmpty)
        let next = house.send("1-0:1.8.0=12345.7kWh")
        #expect(next.rules == [[]] && next.payloads("/obis/1-0:1.8.0") == ["12345.7"])
        #expect(!next.payloads("/state")[0].contains("held"))
    }

    @Test func `a message of nothing but a held counter is still said`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=12345.678kWh")
        let zero = house.send("1-0:1.8.0=0kWh")
        #expect(zero.rules == [["counter.zero"]] && zero.registers.isEmpty && zero.payloads("/state").count == 1)
    }

    @Test func `a zero is never confirmed by repeating it`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=12345.678kWh")
        for _ in 0..<200 {
            #expect(house.send("1-0:1.8.0=0kWh", after: 60_000).rules == [["counter.zero"]])
        }
    }

    // MARK: - Without a baseline

    @Test func `the first zeros of a reader that has just started are held`() throws {
        var house = try house()
        #expect(house.send("1-0:1.8.0=0kWh 1-0:2.8.0=0kWh").rules == [["counter.zero"]])
        let good = house.send("1-0:1.8.0=12345.678kWh 1-0:2.8.0=0kWh")
        #expect(good.rules == [[]])
        #expect(good.registers["1-0:1.8.0"] == "12345.678" && good.registers["1-0:2.8.0"] == "0")
    }

    @Test func `a house without panels exports zero for ever`() throws {
        var house = try house()
        for day in 0..<400 {
            let out = house.send("1-0:1.8.0=\(1000 + day).5kWh 1-0:2.8.0=0kWh", after: 86_400_000)
            #expect(out.rules == [[]] && out.registers["1-0:2.8.0"] == "0")
        }
    }

    @Test func `a zero of a gas meter waits for that gas meter`() throws {
        var house = try house()
        let first = house.send("1-0:1.8.0=12345.678kWh 0-1:24.2.1=0m3")
        #expect(first.rules == [["counter.zero"]] && first.registers["0-1:24.2.1"] == nil)
        #expect(house.send("1-0:1.8.0=12345.679kWh 0-1:24.2.1=1540.369m3").registers["0-1:24.2.1"] == "1540.369")
    }

    // MARK: - Falls

    @Test func `ten messages in fifteen minutes confirm a fall`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=99999.9kWh")
        #expect(house.send("1-0:1.8.0=0kWh", after: 10_000).rules == [["counter.zero"]])
        for step in 1...15 {
            let out = house.send("1-0:1.8.0=0.\(step + 10)kWh", after: 60_000)
            #expect(out.rules == [["counter.decrease"]], "\(step)")
        }
        let confirmed = house.send("1-0:1.8.0=0.27kWh", after: 60_000)
        #expect(
            confirmed.payloads("/reading")[0].contains(
                "{\"rule\":\"counter.confirmed\",\"level\":\"repair\",\"fields\":[\"1-0:1.8.0\"],\"action\":\"accept\","
                    + "\"original\":\"99999.9\",\"with\":\"0.27\",\"by\":\"repetition\"}"))
        #expect(confirmed.payloads("/obis/1-0:1.8.0") == ["0.27"])
        #expect(house.send("1-0:1.8.0=0.28kWh").rules == [[]])
    }

    @Test func `neither many messages nor much time alone confirm a fall`() throws {
        var fast = try house()
        _ = fast.send("1-0:1.8.0=500kWh")
        for _ in 0..<80 { #expect(fast.send("1-0:1.8.0=3.5kWh", after: 10_000).rules == [["counter.decrease"]]) }
        var slow = try house()
        _ = slow.send("1-0:1.8.0=500kWh")
        for _ in 0..<9 { #expect(slow.send("1-0:1.8.0=3.5kWh", after: 3_600_000).rules == [["counter.decrease"]]) }
        #expect(slow.send("1-0:1.8.0=3.5kWh", after: 3_600_000).rules == [["counter.confirmed"]])
    }

    @Test func `a value that falls again begins anew`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh")
        for value in (1...40).reversed() {
            #expect(house.send("1-0:1.8.0=\(value).5kWh", after: 120_000).rules == [["counter.decrease"]])
        }
    }

    @Test func `the same message again confirms nothing`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh")
        for _ in 0..<40 { _ = house.repeatLast("1-0:1.8.0=3.5kWh", after: 60_000) }
        #expect(house.send("1-0:1.8.0=3.5kWh").rules == [["counter.decrease"]])
    }

    @Test func `a changed serial number confirms at once, a zero too`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh 1-0:2.8.0=7kWh")
        let new = house.send("1-0:1.8.0=0kWh", id: "2222")
        #expect(new.rules == [["counter.confirmed"]] && new.registers["1-0:1.8.0"] == "0")
        #expect(new.payloads("/reading")[0].contains("\"by\":\"serial\""))
        #expect(new.payloads("/state")[0].contains("\"1-0:2.8.0\":{\"value\":7,\"unit\":\"kWh\""))
        #expect(new.payloads("/state")[0].contains("\"quality\":\"previous\""))
        let rest = house.send("1-0:1.8.0=0.5kWh 1-0:2.8.0=0kWh", id: "2222")
        #expect(rest.rules == [["counter.confirmed"]] && rest.registers["1-0:2.8.0"] == "0")
        #expect(house.send("1-0:1.8.0=0kWh", id: "2222").rules == [["counter.zero"]])
    }

    @Test func `a serial number that was there before is no new meter`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh", id: "1111")
        _ = house.send("1-0:1.8.0=501kWh", id: "devttyusb0")
        #expect(house.send("1-0:1.8.0=0kWh", id: "1111").rules == [["id.flapping", "counter.zero"]])
    }

    @Test(arguments: [("12.35", "12.346"), ("12.3", "12.299"), ("25149.419", "25149.418"), ("7", "6.99")])
    func `a dip within the last digit is rounding`(before: String, after: String) throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=\(before)kWh")
        let out = house.send("1-0:1.8.0=\(after)kWh")
        #expect(out.registers["1-0:1.8.0"] == before)
        #expect(
            out.payloads("/reading")[0].contains(
                "{\"rule\":\"counter.rounding\",\"level\":\"repair\",\"fields\":[\"1-0:1.8.0\"],\"action\":\"substitute\","
                    + "\"original\":\"\(after)\",\"with\":\"\(before)\"}"))
    }

    /// The small steps of E450 tariffs against totals (amsreader 780) are no rounding: nothing is published that fell.
    @Test(arguments: [("12.345", "12.335"), ("168.754", "168.674"), ("7.5", "6.5")])
    func `a larger dip is a fall`(before: String, after: String) throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=\(before)kWh")
        #expect(house.send("1-0:1.8.0=\(after)kWh").rules == [["counter.decrease"]])
        #expect(house.send("1-0:1.8.0=\(before)1kWh").rules == [[]])
    }

    // MARK: - Jumps

    @Test func `a damaged bit is a jump`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=12345.678kWh 0-1:24.2.1=1540.369m3")
        let out = house.send("1-0:1.8.0=12869.966kWh 0-1:24.2.1=2540.369m3")
        #expect(out.rules == [["counter.jump"]] && out.registers.isEmpty)
        #expect(house.send("1-0:1.8.0=12345.691kWh 0-1:24.2.1=1540.37m3").rules == [[]])
    }

    @Test func `a month off is no jump`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=12345.678kWh")
        #expect(house.send("1-0:1.8.0=14345.678kWh", after: 30 * 86_400_000).rules == [[]])
    }

    @Test func `an hour's backlog is no jump`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=100kWh")
        house.pipeline.now += .hours(1)
        for step in 1...360 {
            let time = 1_795_217_238 + step * 10
            let value = ExactDecimal(Int64(100_000 + step * 30), exponent: -3)
            let out = house.pipeline.send("in/a", "id=1111 t=\(time) 1-0:1.8.0=\(value)kWh", after: 2)
            #expect(out.rules == [[]])
        }
    }

    @Test(arguments: [1, 10]) func `a counter of whole steps makes one at a time`(step: Int) throws {
        var house = try house("guards: {max_power: 1 kW}")
        for count in 100..<120 {
            #expect(house.send("1-0:1.8.0=\(count * step)kWh", after: 60_000).rules == [[]])
        }
    }

    @Test func `a meter of one phase has a third of the power`() throws {
        var three = try house("guards: {max_power: 30 kW}")
        _ = three.send("1-0:1.8.0=100.5kWh 1-0:32.7.0=230V 1-0:52.7.0=230V")
        #expect(three.send("1-0:1.8.0=120.6kWh", after: 3_600_000).rules == [[]])
        var one = try house("guards: {max_power: 30 kW}")
        _ = one.send("1-0:1.8.0=100.5kWh 1-0:32.7.0=230V")
        #expect(one.send("1-0:1.8.0=120.6kWh", after: 3_600_000).rules == [["counter.jump"]])
    }

    @Test func `heat, water and reactive energy have limits of their own`() throws {
        var house = try house()
        _ = house.send("1-0:3.8.0=10.5kvarh 0-1:24.2.1=5.5m3 0-2:24.2.1=5.25GJ")
        #expect(house.send("0-2:24.2.1=6.25GJ", after: 3_600_000).rules == [[]])
        #expect(house.send("0-2:24.2.1=10.25GJ", after: 3_600_000).rules == [["counter.jump"]])
        #expect(house.send("1-0:3.8.0=700.5kvarh 0-1:24.2.1=250.5m3", after: 3_600_000).rules == [[]])
        #expect(house.send("0-1:24.2.1=951.5m3", after: 3_600_000).rules == [["counter.jump"]])
    }

    // MARK: - What is not guarded

    @Test func `registers that may fall are left alone`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=5kWh 0-0:96.7.21=7 1-0:16.8.0=5kWh 1-0:1.7.0=900W 1-0:1.9.0=8kWh")
        #expect(house.send("0-0:96.7.21=0 1-0:16.8.0=4kWh 1-0:1.7.0=0W 1-0:1.9.0=0kWh").rules == [[]])
    }

    @Test func `the profile says what is a counter`() throws {
        var house = try house("registers: {\"0-0:96.7.21\": {counter: true}, \"1-0:1.8.1\": {counter: false}}")
        _ = house.send("0-0:96.7.21=7 1-0:1.8.1=12.5kWh")
        let out = house.send("0-0:96.7.21=6 1-0:1.8.1=0kWh")
        #expect(out.rules == [["counter.decrease"]] && out.registers == ["1-0:1.8.1": "0"])
    }

    @Test func `a photovoltaic meter stands still at night, a heat-pump meter all summer`() throws {
        var house = try house()
        for _ in 0..<100 {
            #expect(house.send("1-0:1.8.0=31.25kWh 1-0:2.8.0=8123.5kWh", after: 21_600_000).rules == [[]])
        }
    }

    // MARK: - Together with others

    @Test func `a sum of a held tariff is no sum`() throws {
        var house = try house("derived: {\"1-0:1.8.0\": {add: [\"1-0:1.8.1\", \"1-0:1.8.2\"]}}")
        #expect(house.send("1-0:1.8.1=10.5kWh 1-0:1.8.2=20.25kWh").registers["1-0:1.8.0"] == "30.75")
        let held = house.send("1-0:1.8.1=0kWh 1-0:1.8.2=20.5kWh")
        #expect(held.registers == ["1-0:1.8.2": "20.5"])
        #expect(house.send("1-0:1.8.1=10.5kWh 1-0:1.8.2=20.5kWh").registers["1-0:1.8.0"] == "31")
    }

    @Test func `the profile decides what a guard does`() throws {
        var flagging = try house("fixes: {counter.decrease: flag}")
        _ = flagging.send("1-0:1.8.0=500kWh")
        let flagged = flagging.send("1-0:1.8.0=400kWh")
        #expect(flagged.rules == [["counter.decrease"]] && flagged.registers["1-0:1.8.0"] == "400")
        #expect(flagging.send("1-0:1.8.0=401kWh").rules == [[]])
        var silent = try house("fixes: {counter.decrease: off, counter.zero: off}")
        _ = silent.send("1-0:1.8.0=500kWh")
        let off = silent.send("1-0:1.8.0=0kWh")
        #expect(off.rules == [[]] && off.registers["1-0:1.8.0"] == "0")
        var strict = try house("fixes: {counter.decrease: reject}")
        _ = strict.send("1-0:1.8.0=500kWh")
        #expect(strict.send("1-0:1.8.0=400kWh").topics == ["harmonized/v1/bridge/test/reject"])
    }

    @Test func `one record a rule, with all counters it touched`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh 1-0:1.8.1=300.35kWh 1-0:2.8.0=12.35kWh")
        let out = house.send("1-0:1.8.0=400kWh 1-0:1.8.1=300.346kWh 1-0:2.8.0=12.346kWh")
        #expect(out.rules == [["counter.decrease", "counter.rounding"]])
        #expect(out.payloads("/reading")[0].contains("\"original\":\"300.346, 12.346\",\"with\":\"300.35, 12.35\""))
    }

    @Test func `a hold is said once, with what to do`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh")
        for _ in 0..<5 { _ = house.send("1-0:1.8.0=400kWh") }
        #expect(
            house.pipeline.pipeline.takeDiagnostics().map(\.description) == [
                "meter m-1: the counter 1-0:1.8.0 falls; the value is held until 10 messages in 15 min repeat it, its serial "
                    + "number changes or \"obis-bridge accept m-1\" confirms it"
            ])
    }

    // MARK: - A restart

    @Test func `a restart forgets neither what stood nor what is held`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh")
        for _ in 0..<9 { house.restart(with: house.send("1-0:1.8.0=3.5kWh", after: 120_000)) }
        #expect(house.send("1-0:1.8.0=3.5kWh", after: 120_000).rules == [["counter.confirmed"]])
        house.restart(with: house.send("1-0:1.8.0=3.75kWh"))
        #expect(house.send("1-0:1.8.0=0kWh").rules == [["counter.zero"]])
    }

    @Test func `a restart amid an exchange does not take the old meter's counters for the new one's`() throws {
        var house = try house()
        _ = house.send("1-0:1.8.0=500kWh 1-0:2.8.0=7kWh")
        house.restart(with: house.send("1-0:1.8.0=1kWh", id: "2222"))
        #expect(house.send("1-0:2.8.0=0kWh", id: "2222").rules == [["counter.confirmed"]])
    }
}

/// One reader of one meter, with a clock.
struct House {
    var pipeline: TestPipeline
    private let profile: String
    private let meters: [MeterEntry]
    private var retained: [String: [UInt8]] = [:]

    init(profile: String = "{}", meters: [MeterEntry] = []) throws {
        self.profile = profile
        self.meters = meters
        pipeline = try TestPipeline([TestPipeline.source(meter: "m-1")], meters: meters, profile: profile)
    }

    /// A message ten seconds after the last one.
    mutating func send(_ registers: String, id: String = "1111", after milliseconds: Int64 = 10_000) -> [Publication] {
        let time = pipeline.now.seconds + milliseconds / 1000
        lastPayload = "id=\(id) t=\(time) \(registers)"
        return keep(pipeline.send("in/a", lastPayload, after: milliseconds))
    }

    /// A message with the time of the last one.
    mutating func repeatLast(_ registers: String, after milliseconds: Int64) -> [Publication] {
        keep(pipeline.send("in/a", "id=1111 t=1795217300 \(registers)", after: milliseconds))
    }

    /// The payload of the last message.
    private(set) var lastPayload = ""

    /// The same message again, as a broker delivers it after a crash.
    mutating func sendAgain(_ payload: String) -> [Publication] { keep(pipeline.send("in/a", payload)) }

    mutating func command(_ payload: [UInt8]) -> [Publication] {
        keep(pipeline.pipeline.command(payload, at: pipeline.now))
    }

    private mutating func keep(_ publications: [Publication]) -> [Publication] {
        for publication in publications where publication.isRetained {
            retained[publication.topic] = publication.payload
        }
        return publications
    }

    /// A new process that finds what the broker kept.
    mutating func restart(with publications: [Publication] = []) {
        guard var next = try? TestPipeline([TestPipeline.source(meter: "m-1")], meters: meters, profile: profile) else {
            return
        }
        next.now = pipeline.now
        for (topic, payload) in retained.sorted(by: { $0.key < $1.key }) {
            _ = next.pipeline.restore(
                RawMessage(topic: topic, payload: payload, isRetained: true, received: pipeline.now))
        }
        pipeline = next
    }
}
