// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

@Suite struct RegisterStateTests {
    private let start = Timestamp(seconds: 1_795_176_000, microseconds: 412_000, fractionDigits: 3)

    private func register(at time: Timestamp) -> RegisterState {
        let value = RegisterValue(obis: OBISCode(1, 0, 1, 7, 0), value: .number(ExactDecimal(412)), unit: Unit("W"))
        return RegisterState(value: value, time: time, received: time, isSentByMeter: true, alias: "power_import")
    }

    @Test func `a quarter of a million registers are sixteen megabytes`() {
        #expect(MemoryLayout<RegisterState>.size == 64)
        #expect(MemoryLayout<PackedTime>.size == 8)
        #expect(MemoryLayout<RegisterValue>.size == 36)
    }

    @Test func `an instant comes back as it was`() {
        for seconds in [-62_135_596_800, -1, 0, 1_795_176_000, 253_402_300_799] as [Int64] {
            for (micros, digits) in [(0, 0), (412_000, 3), (999_999, 6)] as [(Int32, UInt8)] {
                let time = Timestamp(seconds: seconds, microseconds: micros, fractionDigits: digits)
                let back = PackedTime(time).timestamp
                #expect(back == time && back.fractionDigits == digits)
            }
        }
        #expect(!PackedTime(Timestamp(seconds: .max)).timestamp.isRepresentable)
        #expect(!PackedTime(Timestamp(seconds: .min)).timestamp.isRepresentable)
    }

    @Test func `packed instants are as far apart as they are`() {
        var generator = SeededGenerator(seed: 26)
        func random() -> Timestamp {
            Timestamp(
                seconds: .random(in: -5_000_000_000...5_000_000_000, using: &generator),
                microseconds: .random(in: 0...999_999, using: &generator))
        }
        for _ in 0..<2000 {
            let (one, other) = (random(), random())
            #expect(PackedTime(one) - PackedTime(other) == one - other)
            #expect((PackedTime(one) < PackedTime(other)) == (one < other))
        }
    }

    @Test(arguments: [1, 999, 60_000, 2_147_483_647, 2_147_484_000, 10_540_800_000] as [Int64])
    func `an interval comes back as it was`(milliseconds: Int64) {
        var register = register(at: start)
        #expect(register.interval == nil)
        register.interval = .milliseconds(milliseconds)
        #expect(register.interval == .milliseconds(milliseconds))
        register.interval = nil
        #expect(register.interval == nil)
    }

    @Test func `what is the same for long is known to be, however often it comes`() {
        var register = register(at: start)
        #expect(register.stillness == nil)
        for second in 1...1000 as ClosedRange<Int64> {
            let now = PackedTime(start + .seconds(second))
            register.update(register.value, time: now, received: now, isLive: true)
        }
        let end = start + .seconds(1000)
        #expect(register.stillness?.isLong(at: end) == true)
        #expect(register.stillness?.since == start.wholeSeconds + .seconds(1))
        #expect(register.time == end && register.received == end && register.interval == .seconds(1))
    }

    @Test func `a time of its own stays, and that of the reading is not one`() {
        var value = RegisterValue(obis: OBISCode(0, 1, 24, 2, 1), value: .number(ExactDecimal(7)), unit: Unit("m³"))
        var register = RegisterState(
            value: value, time: start, received: start, isSentByMeter: true, alias: nil)
        #expect(register.time == start && register.value.time == nil && register.value == value)
        let own = start - .minutes(5)
        value.time = own
        register.update(value, time: PackedTime(start), received: PackedTime(start), isLive: true)
        #expect(register.time == own && register.value.time == own && register.value == value)
    }

    @Test func `a word is kept once, and nothing is none`() {
        #expect(AliasWord("power_import") == AliasWord("power_import"))
        #expect(AliasWord("power_import") != AliasWord("power_export"))
        #expect(AliasWord("power_import").text == "power_import")
        #expect(AliasWord(nil).text == nil && AliasWord(nil).isNone)
        #expect(AliasWord.table.bytes(AliasWord("gas_17")).map { String(decoding: $0, as: UTF8.self) } == "gas_17")
        #expect(AliasWord.table.bytes(AliasWord(nil)) == nil)
    }

    @Test func `what is rare is there when it is put there, and changed where it stands`() {
        struct Holder { @Rare var value: [Int]? = nil }
        var holder = Holder()
        #expect(MemoryLayout<Holder>.size == 8 && holder.value == nil)
        holder.value = [1]
        let copy = holder
        holder.value?.append(2)
        #expect(holder.value == [1, 2] && copy.value == [1])
        holder.value = nil
        #expect(holder.value == nil && copy.value == [1])
    }

    @Test func `meters of one kind have one list of places`() {
        let pool = OBISPositions.Pool()
        func positions(_ count: UInt8) -> OBISPositions {
            var positions = OBISPositions()
            for place in 0..<count { positions.set(OBISCode(1, 0, place, 7, 0), UInt16(place)) }
            pool.share(&positions)
            return positions
        }
        var (one, other) = (positions(9), positions(9))
        other.set(OBISCode(1, 0, 99, 7, 0), 9)
        #expect(one[OBISCode(1, 0, 99, 7, 0)] == nil && other[OBISCode(1, 0, 99, 7, 0)] == 9)
        one.set(OBISCode(1, 0, 8, 7, 0), 3)
        #expect(positions(9)[OBISCode(1, 0, 8, 7, 0)] == 8)
    }
}
