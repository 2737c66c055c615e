// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    private static let collidingCounters = [
        OBISCode(1, 0, 1, 8, 0), OBISCode(1, 0, 1, 8, 1), OBISCode(1, 0, 2, 8, 0),
    ]

    /// Says of a reading that two meters send under its id; which of them is meant nobody knows.
    mutating func collision(in registers: [RegisterValue], meter: Int) -> Fix? {
        // The same counter each time: the first of the list that the meter has.
        guard let code = Self.collidingCounters.first(where: { meters[meter].position(of: $0) != nil }),
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
