// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Finds registers of a row that are off by a power of ten, from the row's own voltages, currents, powers and counters.
struct ScaleJudge {
    let row: RowRecord

    /// Registers that are off by a power of ten.
    struct Suspect {
        package var registers: Set<OBISCode>
        package var text: String
    }

    /// The readings that must agree. The bridge itself needs an hour of evidence before it changes a value; a report
    /// may tell earlier.
    private static let readings = 3

    var suspects: [Suspect] {
        var suspects: [Suspect] = []
        var judged: [Quantity: Int] = [:]
        for quantity in Quantity.allCases {
            guard let power = certain(quantity) else { continue }
            judged[quantity] = power
            guard power != 0 else { continue }
            suspects.append(
                suspect(quantity, power, by: quantity == .voltage ? "by the voltage of the grid" : "by U, I and P"))
        }
        if judged[.power] ?? 0 == 0, let balance = balance, balance != 0 {
            // Where voltages and currents confirm the power, the counter is wrong.
            let isEnergy = judged[.power] == 0
            suspects.append(
                suspect(
                    isEnergy ? .energy : .power, isEnergy ? -balance : balance, by: "by 1.7.0 against the rise of 1.8.0"
                ))
        }
        return suspects
    }

    /// The power of ten on which at least nine of ten readings agree; nil when there is none or too few readings have
    /// evidence.
    private func certain(_ quantity: Quantity) -> Int? {
        guard let votes = row.scales[quantity], let best = votes.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) })
        else { return nil }
        let all = votes.values.reduce(0, +)
        return best.value >= Self.readings && best.value * 10 >= all * 9 ? best.key : nil
    }

    private var balance: Int? {
        guard let power = row.registers[OBISCode(1, 0, 1, 7, 0)], let energy = row.registers[OBISCode(1, 0, 1, 8, 0)],
            power.unit?.symbol == "W", energy.unit?.symbol == "kWh"
        else { return nil }
        return EnergyBalance(power: power.samples, energy: energy.samples, energyDecimals: energy.decimals).power
    }

    private func suspect(_ quantity: Quantity, _ power: Int, by proof: String) -> Suspect {
        let codes = (Self.registers[quantity] ?? []).filter { row.registers[$0] != nil }
        let names = codes.map(\.description).joined(separator: ", ")
        let factor = ExactDecimal(1, exponent: abs(power))
        return Suspect(
            registers: Set(codes), text: "\(names) \(factor) times too \(power > 0 ? "small" : "large"), \(proof)")
    }

    private static let registers: [Quantity: [OBISCode]] = [
        .voltage: [32, 52, 72].map { OBISCode(1, 0, $0, 7, 0) },
        .current: [31, 51, 71].map { OBISCode(1, 0, $0, 7, 0) },
        .power: [1, 2, 16].map { OBISCode(1, 0, $0, 7, 0) },
        .phasePower: [21, 22, 41, 42, 61, 62, 36, 56, 76].map { OBISCode(1, 0, $0, 7, 0) },
        .energy: [1, 2].map { OBISCode(1, 0, $0, 8, 0) },
    ]
}
