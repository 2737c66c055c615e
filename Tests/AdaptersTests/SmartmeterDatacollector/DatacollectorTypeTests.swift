// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

@Suite struct DatacollectorTypeTests {
    /// Name, code and unit of every type in `meter_data.py` and `cosem.py` of 2.0.0, VA and VAh read as var and varh.
    static let documented = """
        ACTIVE_POWER_P 1.7.0 W, ACTIVE_POWER_N 2.7.0 W, REACTIVE_POWER_P 3.7.0 var, REACTIVE_POWER_N 4.7.0 var
        ACTIVE_POWER_P_L1 21.7.0 W, ACTIVE_POWER_P_L2 41.7.0 W, ACTIVE_POWER_P_L3 61.7.0 W
        ACTIVE_POWER_N_L1 22.7.0 W, ACTIVE_POWER_N_L2 42.7.0 W, ACTIVE_POWER_N_L3 62.7.0 W
        REACTIVE_POWER_P_L1 23.7.0 var, REACTIVE_POWER_P_L2 43.7.0 var, REACTIVE_POWER_P_L3 63.7.0 var
        REACTIVE_POWER_N_L1 24.7.0 var, REACTIVE_POWER_N_L2 44.7.0 var, REACTIVE_POWER_N_L3 64.7.0 var
        CURRENT_L1 31.7.0 A, CURRENT_L2 51.7.0 A, CURRENT_L3 71.7.0 A
        VOLTAGE_L1 32.7.0 V, VOLTAGE_L2 52.7.0 V, VOLTAGE_L3 72.7.0 V
        ANGLE_UI_L1 81.7.40 rad, ANGLE_UI_L2 81.7.51 rad, ANGLE_UI_L3 81.7.62 rad
        POWER_FACTOR 13.7.0 1, POWER_FACTOR_L1 33.7.0 1, POWER_FACTOR_L2 53.7.0 1, POWER_FACTOR_L3 73.7.0 1
        NET_FREQUENCY 14.7.0 Hz
        ACTIVE_ENERGY_P 1.8.0 Wh, ACTIVE_ENERGY_P_T1 1.8.1 Wh, ACTIVE_ENERGY_P_T2 1.8.2 Wh
        ACTIVE_ENERGY_P_L1 21.8.0 Wh, ACTIVE_ENERGY_P_L2 41.8.0 Wh, ACTIVE_ENERGY_P_L3 61.8.0 Wh
        ACTIVE_ENERGY_N 2.8.0 Wh, ACTIVE_ENERGY_N_T1 2.8.1 Wh, ACTIVE_ENERGY_N_T2 2.8.2 Wh
        ACTIVE_ENERGY_N_L1 22.8.0 Wh, ACTIVE_ENERGY_N_L2 42.8.0 Wh, ACTIVE_ENERGY_N_L3 62.8.0 Wh
        REACTIVE_ENERGY_P 3.8.0 varh, REACTIVE_ENERGY_P_T1 3.8.1 varh, REACTIVE_ENERGY_P_T2 3.8.2 varh
        REACTIVE_ENERGY_N 4.8.0 varh, REACTIVE_ENERGY_N_T1 4.8.1 varh, REACTIVE_ENERGY_N_T2 4.8.2 varh
        REACTIVE_ENERGY_Q1 5.8.0 varh, REACTIVE_ENERGY_Q1_T1 5.8.1 varh, REACTIVE_ENERGY_Q1_T2 5.8.2 varh
        REACTIVE_ENERGY_Q2 6.8.0 varh, REACTIVE_ENERGY_Q2_T1 6.8.1 varh, REACTIVE_ENERGY_Q2_T2 6.8.2 varh
        REACTIVE_ENERGY_Q3 7.8.0 varh, REACTIVE_ENERGY_Q3_T1 7.8.1 varh, REACTIVE_ENERGY_Q3_T2 7.8.2 varh
        REACTIVE_ENERGY_Q4 8.8.0 varh, REACTIVE_ENERGY_Q4_T1 8.8.1 varh, REACTIVE_ENERGY_Q4_T2 8.8.2 varh
        """
        .split(whereSeparator: { $0 == "\n" || $0 == "," }).map { $0.split(separator: " ").map(String.init) }

    @Test func `there are the 60 types of the program, each once`() {
        #expect(DatacollectorType.all.count == 60)
        #expect(Set(DatacollectorType.all.map(\.name)).count == 60)
        #expect(Set(DatacollectorType.all.map(\.obis)).count == 60)
        #expect(Set(DatacollectorType.all.map(\.name)) == Set(Self.documented.map { $0[0] }))
    }

    @Test(arguments: documented) func `a type is the register of the document`(row: [String]) throws {
        let type = try #require(DatacollectorType.named(row[0][...]))
        #expect(type.obis.description == "1-0:" + row[1])
        #expect(type.unit?.symbol == row[2])
        #expect(DatacollectorType.unit(of: type.obis)?.symbol == row[2])
    }

    @Test(arguments: [
        "1-0:1.8.3", "1-0:81.7.4", "1-0:9.7.0", "1-0:16.7.0", "0-1:24.2.1", "0-0:1.8.0", "1-0:255.255.255",
    ])
    func `a code beyond the table has the unit of its quantity or none`(text: String) throws {
        let unit = DatacollectorType.unit(of: try #require(OBISCode(text)))
        #expect(unit?.symbol == ["1-0:1.8.3": "Wh", "1-0:81.7.4": "rad"][text])
    }
}
