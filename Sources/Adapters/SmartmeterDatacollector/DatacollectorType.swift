// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The types that smartmeter-datacollector 0.3 to 2.0 publishes (`meter_data.py`), with the register and the unit of
/// each.
///
/// No version sends the unit. The program calls reactive power and energy VA and VAh; by IEC 62056-6-1 these registers
/// contain var and varh. `_P` is import, `_N` export: the direction never makes a number negative.
struct DatacollectorType: Sendable {
    /// The last level of the topic: `ACTIVE_POWER_P`.
    let name: String
    /// Its register, channel 0.
    let obis: OBISCode
    /// The unit of the published number.
    let unit: Unit?

    /// All 60 types of 1.3.0 and 2.0.0; earlier versions have fewer.
    static let all: [DatacollectorType] =
        powers + currents + voltages + angles + factors + [type("NET_FREQUENCY", 14, 7, 0, "Hz")] + activeEnergies
        + reactiveEnergies

    private static let powers = [
        type("ACTIVE_POWER_P", 1, 7, 0, "W"),
        type("ACTIVE_POWER_P_L1", 21, 7, 0, "W"),
        type("ACTIVE_POWER_P_L2", 41, 7, 0, "W"),
        type("ACTIVE_POWER_P_L3", 61, 7, 0, "W"),
        type("ACTIVE_POWER_N", 2, 7, 0, "W"),
        type("ACTIVE_POWER_N_L1", 22, 7, 0, "W"),
        type("ACTIVE_POWER_N_L2", 42, 7, 0, "W"),
        type("ACTIVE_POWER_N_L3", 62, 7, 0, "W"),
        type("REACTIVE_POWER_P", 3, 7, 0, "var"),
        type("REACTIVE_POWER_P_L1", 23, 7, 0, "var"),
        type("REACTIVE_POWER_P_L2", 43, 7, 0, "var"),
        type("REACTIVE_POWER_P_L3", 63, 7, 0, "var"),
        type("REACTIVE_POWER_N", 4, 7, 0, "var"),
        type("REACTIVE_POWER_N_L1", 24, 7, 0, "var"),
        type("REACTIVE_POWER_N_L2", 44, 7, 0, "var"),
        type("REACTIVE_POWER_N_L3", 64, 7, 0, "var"),
    ]

    private static let currents = [
        type("CURRENT_L1", 31, 7, 0, "A"),
        type("CURRENT_L2", 51, 7, 0, "A"),
        type("CURRENT_L3", 71, 7, 0, "A"),
    ]

    private static let voltages = [
        type("VOLTAGE_L1", 32, 7, 0, "V"),
        type("VOLTAGE_L2", 52, 7, 0, "V"),
        type("VOLTAGE_L3", 72, 7, 0, "V"),
    ]

    // The program's unit is rad. It converts the degrees of a Siemens TD3511, which it publishes as 81.7.4, 81.7.15 and
    // 81.7.26; the number of a DLMS meter (81.7.40 …) is published without its scaler, so it may be degrees: no
    // recorded telegram contains one.
    private static let angles = [
        type("ANGLE_UI_L1", 81, 7, 40, "rad"),
        type("ANGLE_UI_L2", 81, 7, 51, "rad"),
        type("ANGLE_UI_L3", 81, 7, 62, "rad"),
    ]

    private static let factors = [
        type("POWER_FACTOR", 13, 7, 0, "1"),
        type("POWER_FACTOR_L1", 33, 7, 0, "1"),
        type("POWER_FACTOR_L2", 53, 7, 0, "1"),
        type("POWER_FACTOR_L3", 73, 7, 0, "1"),
    ]

    private static let activeEnergies = [
        type("ACTIVE_ENERGY_P", 1, 8, 0, "Wh"),
        type("ACTIVE_ENERGY_P_T1", 1, 8, 1, "Wh"),
        type("ACTIVE_ENERGY_P_T2", 1, 8, 2, "Wh"),
        type("ACTIVE_ENERGY_P_L1", 21, 8, 0, "Wh"),
        type("ACTIVE_ENERGY_P_L2", 41, 8, 0, "Wh"),
        type("ACTIVE_ENERGY_P_L3", 61, 8, 0, "Wh"),
        type("ACTIVE_ENERGY_N", 2, 8, 0, "Wh"),
        type("ACTIVE_ENERGY_N_T1", 2, 8, 1, "Wh"),
        type("ACTIVE_ENERGY_N_T2", 2, 8, 2, "Wh"),
        type("ACTIVE_ENERGY_N_L1", 22, 8, 0, "Wh"),
        type("ACTIVE_ENERGY_N_L2", 42, 8, 0, "Wh"),
        type("ACTIVE_ENERGY_N_L3", 62, 8, 0, "Wh"),
    ]

    private static let reactiveEnergies = [
        type("REACTIVE_ENERGY_P", 3, 8, 0, "varh"),
        type("REACTIVE_ENERGY_P_T1", 3, 8, 1, "varh"),
        type("REACTIVE_ENERGY_P_T2", 3, 8, 2, "varh"),
        type("REACTIVE_ENERGY_N", 4, 8, 0, "varh"),
        type("REACTIVE_ENERGY_N_T1", 4, 8, 1, "varh"),
        type("REACTIVE_ENERGY_N_T2", 4, 8, 2, "varh"),
        type("REACTIVE_ENERGY_Q1", 5, 8, 0, "varh"),
        type("REACTIVE_ENERGY_Q1_T1", 5, 8, 1, "varh"),
        type("REACTIVE_ENERGY_Q1_T2", 5, 8, 2, "varh"),
        type("REACTIVE_ENERGY_Q2", 6, 8, 0, "varh"),
        type("REACTIVE_ENERGY_Q2_T1", 6, 8, 1, "varh"),
        type("REACTIVE_ENERGY_Q2_T2", 6, 8, 2, "varh"),
        type("REACTIVE_ENERGY_Q3", 7, 8, 0, "varh"),
        type("REACTIVE_ENERGY_Q3_T1", 7, 8, 1, "varh"),
        type("REACTIVE_ENERGY_Q3_T2", 7, 8, 2, "varh"),
        type("REACTIVE_ENERGY_Q4", 8, 8, 0, "varh"),
        type("REACTIVE_ENERGY_Q4_T1", 8, 8, 1, "varh"),
        type("REACTIVE_ENERGY_Q4_T2", 8, 8, 2, "varh"),
    ]

    private static func type(
        _ name: String, _ quantity: UInt8, _ processing: UInt8, _ tariff: UInt8, _ unit: String
    ) -> DatacollectorType {
        DatacollectorType(name: name, obis: OBISCode(1, 0, quantity, processing, tariff), unit: Unit(unit))
    }

    /// The type with that name; nil for a word that no version publishes.
    static func named(_ name: Substring) -> DatacollectorType? { byName[name] }

    /// The unit in which the program publishes a register. Tariffs and angles of one quantity (E) share its unit, so
    /// that 1.8.3 and the 81.7.4 of a Siemens meter have one too; nil for a quantity that is not in the table.
    static func unit(of obis: OBISCode) -> Unit? {
        obis.a == 1 ? byQuantity[UInt16(obis.c) << 8 | UInt16(obis.d)] : nil
    }

    private static let byName = Dictionary(all.map { ($0.name[...], $0) }) { first, _ in first }

    private static let byQuantity: [UInt16: Unit] = {
        var units: [UInt16: Unit] = [:]
        for type in all { units[UInt16(type.obis.c) << 8 | UInt16(type.obis.d)] = type.unit }
        return units
    }()
}
