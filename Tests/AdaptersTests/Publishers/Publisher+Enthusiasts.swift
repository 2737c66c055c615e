// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Readers that one person wrote for a meter at home, and others took over.
extension Publisher {
    private static let firstPhaseCounts = (
        reason: "of phase 1 only", contents: [sags[1], sags[2], swells[1], swells[2]]
    )

    static let enthusiasts: [Publisher] = [
        Publisher(
            "p1reader-mqtt (habazut)", adapter: "p1reader-mqtt", filters: ["house/electric/+"],
            plain(
                "house/electric/",
                [
                    "1.0.0": "240426223325S", "1.8.1": "002131.115*kWh", "1.8.2": "003428.906*kWh",
                    "2.8.1": "000012.345*kWh", "2.8.2": "000456.789*kWh", "1.7.0": "00.512*kW", "2.7.0": "00.000*kW",
                    "32.32.0": "00004", "52.32.0": "00005", "72.32.0": "00006", "32.36.0": "00001",
                    "52.36.0": "00000", "72.36.0": "00003", "32.7.0": "229.9*V", "52.7.0": "231.2*V",
                    "72.7.0": "230.4*V", "31.7.0": "001*A", "51.7.0": "000*A", "71.7.0": "002*A",
                    "21.7.0": "00.112*kW", "41.7.0": "00.000*kW", "61.7.0": "00.400*kW", "22.7.0": "00.000*kW",
                    "42.7.0": "00.000*kW", "62.7.0": "00.000*kW",
                ]),
            losses: [
                noID, (reason: "of the 0-0 lines the clock only", contents: ["0-0:96.14.0"] + failures),
                (reason: "no M-Bus", contents: gas),
            ], others: ["meter": unnamed]),
        Publisher(
            "p1-mqtt (Lalufu)", adapter: "p1-mqtt", filters: ["p1-mqtt/tele/+/+/SENSOR"],
            [
                (
                    "p1-mqtt/tele/0/E0099000123456789/SENSOR",
                    #"{"p1_timestamp": 1714163605, "p1_energy_consumed_tariff1": 2131.115, "#
                        + #""p1_energy_consumed_tariff2": 3428.906, "p1_energy_produced_tariff1": 12.345, "#
                        + #""p1_energy_produced_tariff2": 456.789, "p1_actual_power_consuming": 0.512, "#
                        + #""p1_actual_power_producing": 0.0, "p1_power_failure_count": 13.0, "#
                        + #""p1_long_power_failure_count": 2.0, "p1_voltage_sag_l1_count": 4.0, "#
                        + #""p1_voltage_sag_l2_count": 5.0, "p1_voltage_sag_l3_count": 6.0, "#
                        + #""p1_voltage_swell_l1_count": 1.0, "p1_voltage_swell_l2_count": 0.0, "#
                        + #""p1_voltage_swell_l3_count": 3.0, "p1_voltage_l1": 229.9, "p1_voltage_l2": 231.2, "#
                        + #""p1_voltage_l3": 230.4, "p1_current_l1": 1.0, "p1_current_l2": 0.0, "p1_current_l3": 2.0, "#
                        + #""p1_actual_power_consuming_l1": 0.112, "p1_actual_power_consuming_l2": 0.0, "#
                        + #""p1_actual_power_consuming_l3": 0.4, "p1_actual_power_producing_l1": 0.0, "#
                        + #""p1_actual_power_producing_l2": 0.0, "p1_actual_power_producing_l3": 0.0, "#
                        + #""p1mqtt_telegram_timestamp": 1714163605, "p1mqtt_device_id": "E0099000123456789", "#
                        + #""p1mqtt_channel": 0, "p1mqtt_collector_timestamp": 1714163606, "p1mqtt_timestamp": 1714163605}"#
                ),
                (
                    "p1-mqtt/tele/1/G0088000987654321/SENSOR",
                    #"{"p1_device_type": 3.0, "p1_gas_consumed_timestamp": 1714163401, "p1_gas_consumed_volume": 246.138, "#
                        + #""p1mqtt_telegram_timestamp": 1714163401, "p1mqtt_device_id": "G0088000987654321", "#
                        + #""p1mqtt_channel": 1, "p1mqtt_collector_timestamp": 1714163606, "p1mqtt_timestamp": 1714163401}"#
                ),
            ],
            losses: [(reason: "texts are not sent", contents: ["0-0:96.14.0"])]),
        Publisher(
            "P1 wifi gateway (romix123)", adapter: "p1-wifi-gateway", filters: ["sensors/power/p1meter/+"],
            plain(
                "sensors/power/p1meter/",
                [
                    "equipmentID": "4530303939303030313233343536373839", "consumption_low_tarif": "2131.115",
                    "consumption_high_tarif": "3428.906", "returndelivery_low_tarif": "12.345",
                    "returndelivery_high_tarif": "456.789", "actual_consumption": "0.512",
                    "actual_returndelivery": "0.000", "l1_instant_power_usage": "0.112",
                    "l2_instant_power_usage": "0.000", "l3_instant_power_usage": "0.400",
                    "l1_instant_power_current": "1", "l2_instant_power_current": "0", "l3_instant_power_current": "2",
                    "l1_voltage": "229.9", "l2_voltage": "231.2", "l3_voltage": "230.4",
                    "l1_instant_power_return": "0.000", "l2_instant_power_return": "0.000",
                    "l3_instant_power_return": "0.000", "gas_meter_m3": "246.138", "actual_tarif_group": "50.000",
                    "short_power_outages": "13", "long_power_outages": "2", "short_power_drops": "4",
                    "short_power_peaks": "1",
                ]),
            losses: [
                noTime, noGasID, noGasTime, firstPhaseCounts,
                (reason: "the code of a character, not the tariff", contents: ["0-0:96.14.0"]),
            ], others: ["submeter 1": "gas"]),
        Publisher(
            "P1 wifi gateway (romix123), root dsmr", adapter: "p1-wifi-gateway",
            filters: ["dsmr/equipmentID", "dsmr/reading/+", "dsmr/consumption/gas/delivered", "dsmr/meter-stats/+"],
            plain(
                "dsmr/",
                [
                    "equipmentID": "4530303939303030313233343536373839", "reading/electricity_delivered_1": "2131.115",
                    "reading/electricity_delivered_2": "3428.906", "reading/electricity_returned_1": "12.345",
                    "reading/electricity_returned_2": "456.789", "reading/electricity_currently_delivered": "0.512",
                    "reading/electricity_currently_returned": "0.000", "reading/phase_currently_delivered_l1": "0.112",
                    "reading/phase_currently_delivered_l2": "0.000", "reading/phase_currently_delivered_l3": "0.400",
                    "reading/phase_currently_returned_l1": "0.000", "reading/phase_currently_returned_l2": "0.000",
                    "reading/phase_currently_returned_l3": "0.000", "reading/phase_voltage_l1": "229.9",
                    "reading/phase_voltage_l2": "231.2", "reading/phase_voltage_l3": "230.4",
                    "consumption/gas/delivered": "246.138", "meter-stats/actual_tarif_group": "50.000",
                    "meter-stats/power_failure_count": "13", "meter-stats/long_power_failure_count": "2",
                    "meter-stats/short_power_drops": "4", "meter-stats/short_power_peaks": "1",
                ]),
            losses: [
                noTime, noGasID, noGasTime, firstPhaseCounts, (reason: "no currents", contents: currents),
                (reason: "the code of a character, not the tariff", contents: ["0-0:96.14.0"]),
            ], others: ["submeter 1": "gas"]),
        Publisher(
            "esp8266-dsmr (bram2202)", adapter: "esp8266-dsmr",
            filters: [
                "+/power/+", "+/power/phase_1/+", "+/power/phase_2/+", "+/power/phase_3/+", "+/gas/+",
            ],
            [("ESP_DSMR_1A2B3C/power/consumption/status", "online")]
                + plain(
                    "ESP_DSMR_1A2B3C/",
                    [
                        "power/timestamp": "240426223325S", "power/device_id": "4530303939303030313233343536373839",
                        "power/total_consumption_tariff_1": "2131.115", "power/total_consumption_tariff_2": "3428.906",
                        "power/total_production_tariff_1": "12.345", "power/total_production_tariff_2": "456.789",
                        "power/power_tariff": "2", "power/consumption": "0.512", "power/production": "0.000",
                        "power/short_power_outages": "13", "power/long_power_outages": "2",
                        "power/phase_1/short_power_drops": "4", "power/phase_2/short_power_drops": "5",
                        "power/phase_3/short_power_drops": "6", "power/phase_1/short_power_peaks": "1",
                        "power/phase_2/short_power_peaks": "0", "power/phase_3/short_power_peaks": "3",
                        "power/phase_1/current": "1", "power/phase_2/current": "0", "power/phase_3/current": "2",
                        "power/phase_1/consumption": "0.112", "power/phase_2/consumption": "0.000",
                        "power/phase_3/consumption": "0.400", "power/phase_1/production": "0.000",
                        "power/phase_2/production": "0.000", "power/phase_3/production": "0.000",
                        "gas/device_id": "4730303838303030393837363534333231", "gas/total": "246.138",
                        "gas/timestamp": "240426223001S",
                    ]),
            losses: [
                (reason: "does not read voltages", contents: voltages),
                (reason: "the time of the gas comes after it", contents: ["0-1:24.2.1 time"]),
            ]),
        Publisher(
            "p1-smartmeter (Mosibi)", adapter: "p1-smartmeter", filters: ["house/0/hallway/smartmeter/+"],
            plain(
                "house/0/hallway/smartmeter/",
                [
                    "t1_used_kWh": "2131.115", "t2_used_kWh": "3428.906", "t1_returned": "12.345",
                    "t2_returned": "456.789", "current_power_used_watt": "512.0", "current_power_returned_watt": "0.0",
                    "l1_voltage_sags": "00004", "l2_voltage_sags": "00005", "l3_voltage_sags": "00006",
                    "l1_voltage_swells": "00001", "l2_voltage_swells": "00000", "l3_voltage_swells": "00003",
                    "l1_voltage": "229.90000000000003", "l2_voltage": "231.2", "l3_voltage": "230.39999999999998",
                    "l1_amperage": "1.0", "l2_amperage": "0.0", "l3_amperage": "2.0",
                    "l1_current_power_used_watt": "112.0", "l2_current_power_used_watt": "0.0",
                    "l3_current_power_used_watt": "400.0", "l1_current_power_returned_watt": "0.0",
                    "l2_current_power_returned_watt": "0.0", "l3_current_power_returned_watt": "0.0",
                    "gasmeter": "246.138",
                ]),
            losses: [
                noID, noTime, noGasID, noGasTime,
                (reason: "not published by its settings", contents: ["0-0:96.14.0"] + failures),
            ], others: ["meter": unnamed, "submeter 1": "gas"]),
        Publisher(
            "p1-smartmeter for Fluvius (tribp)", adapter: "p1-smartmeter", filters: ["Home/SmartMeter/+"],
            plain(
                "Home/SmartMeter/",
                [
                    "night_used_kWh": "2131.115", "day_used_kWh": "3428.906", "night_returned_kWh": "12.345",
                    "day_returned_kWh": "456.789", "actual_power_used_watt": "512.0",
                    "actual_power_returned_watt": "0.0", "actual_voltage_l1": "229.9", "actual_amperage_l1": "1.0",
                ]),
            losses: [
                noID, noTime, (reason: "reads gas in 24.2.3 only", contents: gas),
                (
                    reason: "not published by its settings",
                    contents: ["0-0:96.14.0"] + failures + sags + swells + voltages.dropFirst() + currents.dropFirst()
                        + importPhases + exportPhases
                ),
            ], others: ["meter": unnamed]),
        Publisher(
            "p1-to-mqtt (remyvv)", adapter: "p1-to-mqtt", filters: ["rkvv_p1/smartmeter/+/#"],
            plain(
                "rkvv_p1/smartmeter/4530303939303030313233343536373839/",
                [
                    "meterType": #"ISK5\2M550T-1012"#, "version": "50", "timestamp": "2024-04-26T22:33:25.000Z",
                    "equipmentId": "4530303939303030313233343536373839", "textMessage/message": "",
                    "electricity/received/tariff1/reading": "2131.115", "electricity/received/tariff1/unit": "kWh",
                    "electricity/received/tariff2/reading": "3428.906", "electricity/received/tariff2/unit": "kWh",
                    "electricity/received/actual/reading": "0.512", "electricity/received/actual/unit": "kW",
                    "electricity/delivered/tariff1/reading": "12.345",
                    "electricity/delivered/tariff2/reading": "456.789",
                    "electricity/delivered/actual/reading": "0", "electricity/tariffIndicator": "2",
                    "electricity/numberOfPowerFailures": "13", "electricity/numberOfLongPowerFailures": "2",
                    "electricity/voltageSags/L1": "4", "electricity/voltageSags/L2": "5",
                    "electricity/voltageSags/L3": "6", "electricity/voltageSwell/L1": "1",
                    "electricity/voltageSwell/L2": "0", "electricity/voltageSwell/L3": "3",
                    "electricity/instantaneous/current/L1/reading": "1",
                    "electricity/instantaneous/current/L2/reading": "0",
                    "electricity/instantaneous/current/L3/reading": "2",
                    "electricity/instantaneous/voltage/L1/reading": "229",
                    "electricity/instantaneous/voltage/L2/reading": "231",
                    "electricity/instantaneous/voltage/L3/reading": "230",
                    "electricity/instantaneous/power/positive/L1/reading": "0.112",
                    "electricity/instantaneous/power/positive/L2/reading": "0",
                    "electricity/instantaneous/power/positive/L3/reading": "0.4",
                    "electricity/instantaneous/power/negative/L1/reading": "0",
                    "electricity/instantaneous/power/negative/L2/reading": "0",
                    "electricity/instantaneous/power/negative/L3/reading": "0", "gas/deviceType": "003",
                    "gas/equipmentId": "4730303838303030393837363534333231",
                    "gas/timestamp": "2024-04-26T22:30:01.000Z",
                    "gas/reading": "246.138", "gas/unit": "m3",
                ]),
            losses: [
                (reason: "local time written as UTC is two hours ahead, and not believed", contents: ["time"]),
                (reason: "voltages are cut to whole volts", contents: voltages),
            ],
            others: [
                "1-0:32.7.0": "229 V", "1-0:52.7.0": "231 V", "1-0:72.7.0": "230 V",
                "0-1:24.2.1 time": "2024-04-26T20:30:01.000Z",
            ]),
    ]
}
