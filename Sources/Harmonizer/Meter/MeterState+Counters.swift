// SPDX-License-Identifier: Apache-2.0

extension MeterState {
    /// What a counter is judged against; nil before its first value.
    func baseline(of obis: OBISCode, near place: Int = 0) -> CounterGuard.Baseline? {
        guard let position = position(of: obis, near: place), let value = registers[position].value.number else {
            return nil
        }
        return CounterGuard.Baseline(
            value: value, unit: registers[position].value.unit, time: registers[position].time,
            received: registers[position].received, interval: registers[position].interval,
            isPrevious: !previous.isEmpty && previous.contains(obis),
            isReread: !reread.isEmpty && reread.contains(obis))
    }

    /// Believes the value of a counter: no value of it is held any more.
    mutating func believe(_ obis: OBISCode) {
        if !instrument.held.isEmpty { instrument.held[obis] = nil }
        if !previous.isEmpty { previous.remove(obis) }
        if !reread.isEmpty { reread.remove(obis) }
    }

    mutating func hold(_ obis: OBISCode, _ row: HeldCounter) {
        guard instrument.held[obis] != nil || instrument.held.count < settings.registerLimit else { return }
        instrument.held[obis] = row
    }
}

// The counter by which two meters under one id are recognised.
extension MeterState {
    /// The counter to compare, the same each time: the first of the list that the meter sends.
    var collisionCounter: OBISCode? { Self.collisionCounters.first { isSent($0) } }

    static let collisionCounters = [OBISCode(1, 0, 1, 8, 0), OBISCode(1, 0, 1, 8, 1), OBISCode(1, 0, 2, 8, 0)]

    /// The evidence that a restarted bridge cannot take from the registers; nil for a meter alone, whose counter is all
    /// the evidence.
    var collisionEvidence: CollisionWatch? {
        guard collisionCounter != nil,
            instrument.collisions.tracks != assumedCollisions.tracks || instrument.collisions.changes > 0
        else {
            return nil
        }
        return instrument.collisions
    }

    /// The evidence that is assumed when nothing else is known.
    var assumedCollisions: CollisionWatch {
        guard let code = collisionCounter, let position = position(of: code), !registers[position].value.isDerived,
            case .number(let value) = registers[position].value.value, !value.isZero
        else { return CollisionWatch() }
        return CollisionWatch(tracks: [value])
    }
}
