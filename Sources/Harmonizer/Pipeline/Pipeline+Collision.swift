// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Says of a reading that two meters send under its id; which of them is meant nobody knows.
    mutating func collision(in registers: [RegisterValue], meter: Int) -> Fix? {
        // A new meter has none yet.
        let known = meters[meter].collisionCounter
        guard
            let code = known
                ?? MeterState.collisionCounters.first(where: { code in registers.contains { $0.obis == code } }),
            let index = registers.firstIndex(where: { $0.obis == code && !$0.isDerived }),
            case .number(let number) = registers[index].value
        else { return nil }
        meters[meter].collisions.take(number)
        guard meters[meter].collisions.isCertain else { return nil }
        let sources = Set(meters[meter].devices.map(\.source)).sorted().joined(separator: ", ")
        say(
            Diagnostic(
                .warning,
                "meter \(meters[meter].id): two meters send under this id (source \(sources)); give each a source of its "
                    + "own with \"meter\""))
        return Fix(.idCollision, fields: ["meter"], action: .flag)
    }
}

extension MeterState {
    /// The counter that two meters under one id would show: the same each time, the first of the list that the meter has.
    var collisionCounter: OBISCode? { Self.collisionCounters.first { position(of: $0) != nil } }

    static let collisionCounters = [OBISCode(1, 0, 1, 8, 0), OBISCode(1, 0, 1, 8, 1), OBISCode(1, 0, 2, 8, 0)]

    /// What a restarted bridge cannot see in the registers; nil for a meter alone, whose counter says it all.
    var collisionEvidence: CollisionWatch? {
        guard collisionCounter != nil, collisions.tracks != assumedCollisions.tracks || collisions.changes > 0 else {
            return nil
        }
        return collisions
    }

    /// What is assumed where nothing else is known.
    var assumedCollisions: CollisionWatch {
        guard let code = collisionCounter, let position = position(of: code), !registers[position].value.isDerived,
            case .number(let value) = registers[position].value.value, !value.isZero
        else { return CollisionWatch() }
        return CollisionWatch(tracks: [value])
    }
}
