// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// What becomes of each property of a meter when it is exchanged, renamed, or found to be another one. The compiler asks the
/// initialisers about properties that are no optionals; this asks about the others.
@Suite struct MeterLivesTests {
    private let profile: Profile

    init() throws { profile = try Profile() }

    private func topics(_ id: String) -> MeterTopics { MeterTopics(meter: id, topics: profile.topics) }

    /// A meter of which everything is known that may be unknown.
    private var full: MeterState {
        let now = Timestamp(seconds: 1_795_217_228)
        var meter = MeterState(id: "one", topics: topics("one"))
        meter.serial = "1"
        meter.predecessor = PreviousMeter(counters: [], since: now)
        meter.name = "House"
        meter.zone = .utc
        meter.role = .pv
        meter.tariffNames = TariffNames(entries: [])
        meter.model = MeterModel(manufacturer: "ISK")
        meter.primaryReceived = now
        meter.demand = Demand(Demand.Sample(time: now, energy: ExactDecimal(1)), in: .utc)
        meter.demandFloor = .zero
        meter.maxPower = ExactDecimal(1000)
        meter.newest = (now, .meter, now)
        meter.clockStillness = Stillness(since: now)
        meter.heardBefore = now
        meter.interval = 10_000
        meter.publishedInterval = 10_000
        meter.isOnline = true
        meter.statePublished = now
        meter.memory = SenderMemory(sender: "a", text: "b")
        return meter
    }

    /// The names of properties that are nil.
    private func unknown(_ meter: MeterState) -> Set<String> {
        Set(
            Mirror(reflecting: meter).children.compactMap { child in
                let value = Mirror(reflecting: child.value)
                return value.displayStyle == .optional && value.children.isEmpty ? child.label : nil
            })
    }

    @Test func `everything that may be unknown is known of a full meter, and nothing of an empty one`() {
        #expect(
            unknown(full).isEmpty, "a new optional: fill it in here, and say in each initialiser what becomes of it")
        let optionals = Mirror(reflecting: full).children.filter {
            Mirror(reflecting: $0.value).displayStyle == .optional
        }
        #expect(unknown(MeterState(id: "two", topics: topics("two"))) == Set(optionals.compactMap(\.label)))
    }

    @Test func `a renamed meter keeps everything but its id and its topics`() {
        let meter = MeterState(full, renamed: MeterState(id: "two", topics: topics("two")))
        #expect(meter.id == "two" && meter.topics.state == topics("two").state && meter.serial == "1")
        #expect(unknown(meter).isEmpty && meter.isInfoStale && meter.isDescriptionStale)
    }

    @Test func `a meter that turns out to be another one takes over what it lacks`() {
        let empty = MeterState(id: "two", topics: topics("two"))
        #expect(unknown(MeterState(full, with: empty, profile)).isEmpty)
        let meter = MeterState(empty, with: full, profile)
        #expect(meter.id == "two" && meter.model == full.model && meter.memory == full.memory && meter.demand != nil)
        #expect(meter.serial == nil && meter.newest == nil)
    }

    @Test func `an exchanged meter keeps the connection and loses what was the former one's`() {
        var former = full
        former.submeters = [Submeter(channel: 1, medium: .gas, id: "G1")]
        former.submeterIDs = [1: ["G1"]]
        former.held = [
            OBISCode(1, 0, 1, 8, 0): HeldCounter(
                rule: .counterZero, value: .zero, unit: nil, time: Timestamp(seconds: 0), since: Timestamp(seconds: 0),
                messages: 1)
        ]
        let now = Timestamp(seconds: 1_795_217_228)
        func add(_ code: OBISCode, _ unit: String) {
            former.update(
                RegisterValue(obis: code, value: .number(ExactDecimal(5)), unit: Unit(unit)), time: now, received: now,
                profile: profile)
        }
        add(OBISCode(1, 0, 1, 8, 0), "kWh")
        add(OBISCode(1, 0, 32, 7, 0), "V")
        let previous = PreviousMeter(serial: "0", counters: [], since: now)
        let meter = MeterState(
            former, exchangedAfter: previous, forgetting: [OBISCode(1, 0, 32, 7, 0)], profile)
        #expect(unknown(meter) == ["model", "clockStillness"])
        #expect(meter.predecessor == previous && meter.name == "House" && meter.interval == 10_000)
        #expect(meter.submeters.isEmpty && meter.submeterIDs.isEmpty && meter.held.isEmpty)
        #expect(meter.registers.map(\.value.obis) == [OBISCode(1, 0, 1, 8, 0)])
        #expect(meter.previous == [OBISCode(1, 0, 1, 8, 0)] && meter.phases.contains(Phases(rawValue: 1)))
    }
}
