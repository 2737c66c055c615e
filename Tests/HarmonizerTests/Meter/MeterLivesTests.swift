// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// What becomes of each property of a metering point when its meter is exchanged, when it gets another id, and when another one turns
/// out to be this one. A new property has to be set in `full`, or the first test fails; the others then say what became of it.
@Suite struct MeterLivesTests {
    private let profile: Profile
    private let now = Timestamp(seconds: 1_795_217_228)

    init() throws { profile = try Profile() }

    private func topics(_ id: String) -> MeterTopics { MeterTopics(meter: id, topics: profile.topics) }

    private func empty(_ id: String) -> MeterState { MeterState(id: id, topics: topics(id)) }

    /// A metering point of which everything is known that may be unknown.
    private var full: MeterState {
        var meter = empty("one")
        meter.settings.name = "House"
        meter.settings.zone = .utc
        meter.settings.role = .pv
        meter.settings.tariffNames = TariffNames(entries: [])
        meter.settings.demandFloor = .zero
        meter.settings.ct = ExactDecimal(60)
        meter.settings.maxPower = ExactDecimal(1000)
        meter.settings.registerLimit = 7
        let held = HeldCounter(
            rule: .counterZero, value: .zero, unit: nil, time: Timestamp(seconds: 0), since: Timestamp(seconds: 0),
            messages: 1)
        meter.instrument = Instrument(
            model: MeterModel(manufacturer: "ISK"), submeters: [Submeter(channel: 1, medium: .gas, id: "G1")],
            submeterIDs: [1: ["G1"]], held: [OBISCode(1, 0, 1, 8, 0): held],
            collisions: CollisionWatch(tracks: [ExactDecimal(5)]),
            netting: Netting(seen: 3, withoutExport: 2, repeated: nil), totals: Totals(withoutPhaseExport: 2),
            order: OrderWatch(newest: now), clockStillness: Stillness(since: now))
        meter.serial = "1"
        meter.predecessor = PreviousMeter(counters: [], since: now)
        meter.devices = [MeterState.Binding(source: "a", device: "b", adapter: "p1", topic: "t")]
        meter.primaryReceived = now
        for (code, unit) in [(OBISCode(1, 0, 1, 8, 0), "kWh"), (OBISCode(1, 0, 32, 7, 0), "V")] {
            meter.update(
                RegisterValue(obis: code, value: .number(ExactDecimal(5)), unit: Unit(unit)), time: now, received: now,
                profile: profile)
        }
        meter.publishedByAlias = [PackedTime(now), PackedTime(now)]
        meter.previous = [OBISCode(1, 0, 2, 8, 0)]
        meter.reread = [OBISCode(1, 0, 2, 8, 0)]
        meter.isReread = true
        meter.isClockReread = true
        meter.scales.restore([.current: 1])
        meter.demand = Demand(Demand.Sample(time: now, energy: ExactDecimal(1)), in: .utc)
        meter.demandWatch = DemandWatch()
        for _ in 1...2 { meter.note(.zone("UTC")) }
        meter.note(.alias(received: "1", by: "bridge.yaml:7"))
        meter.hasRivals = true
        _ = meter.noteSerial("2")
        meter.newest = (now, .meter, now)
        meter.isPaused = true
        meter.heardBefore = now
        meter.interval = .seconds(10)
        meter.publishedInterval = .seconds(10)
        meter.isOnline = true
        meter.readings = 1
        meter.statePublished = now
        meter.silences = 1
        meter.rejects = 1
        _ = meter.ledger.note(Fix(.idMissing, fields: ["meter"], action: .substitute), source: "a", at: now)
        meter.isInfoStale = false
        meter.isDescriptionStale = false
        meter.retired = meter.registers
        meter.memory = SenderMemory(sender: "a", text: "b")
        return meter
    }

    /// What is in each property: `instrument.totals` and the text of its value.
    private func properties(_ meter: MeterState) -> [String: String] {
        var properties: [String: String] = [:]
        for child in Mirror(reflecting: meter).children {
            guard let label = child.label else { continue }
            guard child.value is MeterSettings || child.value is Instrument else {
                properties[label] = text(child.value)
                continue
            }
            for part in Mirror(reflecting: child.value).children {
                properties["\(label).\(part.label ?? "")"] = text(part.value)
            }
        }
        return properties
    }

    /// Every part of a value, also of a class, which has no text of its own; sets and dictionaries have no order.
    private func text(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text.split(separator: "\n").sorted().joined(separator: "\n")
    }

    /// The names of the properties in which two metering points differ.
    private func differences(_ one: MeterState, _ other: MeterState) -> Set<String> {
        let (one, other) = (properties(one), properties(other))
        return Set(one.keys.filter { one[$0] != other[$0] })
    }

    private let key: Set<String> = ["id", "topics"]
    private let stale: Set<String> = ["isInfoStale", "isDescriptionStale"]

    @Test func `a full metering point differs from an empty one in every property`() {
        #expect(
            Set(properties(full).keys).subtracting(differences(full, empty("two"))) == [],
            "a new property: set it in `full`")
    }

    @Test func `an exchanged meter takes with it what was learned of the instrument, and nothing else`() {
        let previous = PreviousMeter(serial: "0", counters: [], since: now)
        var meter = full
        meter.exchange(after: previous, forgetting: [OBISCode(1, 0, 32, 7, 0)], profile)
        let instrument = Set(properties(full).keys.filter { $0.hasPrefix("instrument.") })
        let registers: Set<String> = ["registers", "publishedByAlias", "_positions", "positions", "previous"]
        let changed = differences(meter, full)
        #expect(changed.isSuperset(of: instrument) && changed.isSuperset(of: stale))
        #expect(
            changed.subtracting(instrument).subtracting(stale).subtracting(registers) == ["_predecessor", "_demand"])
        var fresh = empty("one")
        fresh.instrument = meter.instrument
        #expect(differences(fresh, empty("one")).isEmpty)
        #expect(meter.predecessor == previous)
        #expect(meter.registers.map(\.value.obis) == [OBISCode(1, 0, 1, 8, 0)])
        #expect(meter.previous == [OBISCode(1, 0, 1, 8, 0), OBISCode(1, 0, 2, 8, 0)])
    }

    @Test func `under another id everything goes on but what the id itself says`() {
        var other = empty("two")
        other.devices = [
            MeterState.Binding(source: "a", device: "b", adapter: "p1", topic: "t", reads: "new"),
            MeterState.Binding(source: "a", device: "c", adapter: "p1", topic: "u"),
        ]
        var meter = full
        meter.rename(to: other)
        #expect(
            differences(meter, full) == key.union(stale).union(["devices", "translations", "nextTranslation"]))
        #expect(meter.id == "two" && meter.topics.state == topics("two").state && meter.serial == "1")
        // A device that is known goes on, and the alias was one of the other id.
        #expect(meter.devices.map(\.reads) == ["", ""] && meter.devices.map(\.device) == ["b", "c"])
        #expect(meter.translations == [.zone("UTC")])
    }

    @Test func `a metering point that turns out to be this one gives what is not known here`() {
        var whole = full
        whole.complete(with: empty("two"), profile)
        #expect(differences(whole, full) == stale)
        var meter = empty("two")
        meter.complete(with: full, profile)
        #expect(
            differences(meter, empty("two")) == [
                "instrument.model", "instrument.submeters", "instrument.netting", "instrument.totals", "_demand",
                "_memory", "registers", "positions", "phases", "translations",
            ])
        #expect(meter.id == "two" && meter.registers.count == 2 && meter.serial == nil && meter.newest == nil)
    }
}
