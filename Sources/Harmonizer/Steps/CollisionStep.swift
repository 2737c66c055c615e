// SPDX-License-Identifier: Apache-2.0

/// Flags a reading when two meters send under its id; which of the two sent it is unknown.
struct CollisionStep {
    static let rules: [Fix.Rule] = [.idCollision]

    func apply(_ draft: inout Draft, meter: inout MeterState, _ journal: inout Journal) {
        // A new meter has no collision counter yet.
        guard
            let code = meter.collisionCounter
                ?? MeterState.collisionCounters.first(where: { code in draft.registers.contains { $0.obis == code } }),
            let index = draft.registers.firstIndex(where: { $0.obis == code && !$0.isDerived }),
            case .number(let number) = draft.registers[index].value
        else { return }
        meter.instrument.collisions.take(number)
        guard meter.instrument.collisions.isCertain else { return }
        journal.say(.collision(meter: meter.id, sources: Set(meter.devices.map(\.source)).sorted()))
        draft.fixes.record(Fix(.idCollision, fields: ["meter"], action: .flag))
    }
}
