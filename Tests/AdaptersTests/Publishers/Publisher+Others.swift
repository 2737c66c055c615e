// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Publishers with names of their own.
extension Publisher {
    static let all = telegrams + dsmrLogger + others + enthusiasts

    static let sags = ["1-0:32.32.0", "1-0:52.32.0", "1-0:72.32.0"]
    static let swells = ["1-0:32.36.0", "1-0:52.36.0", "1-0:72.36.0"]
    static let importPhases = ["1-0:21.7.0", "1-0:41.7.0", "1-0:61.7.0"]
    static let exportPhases = ["1-0:22.7.0", "1-0:42.7.0", "1-0:62.7.0"]
    static let currents = ["1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0"]
    static let voltages = ["1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"]
    static let tariffs = ["1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.1", "1-0:2.8.2"]
    static let failures = ["0-0:96.7.21", "0-0:96.7.9"]
    static let gas = ["0-1:24.2.1", "0-1:24.2.1 time", "submeter 1"]

    static let noID = (reason: "no id of the meter", contents: ["meter"])
    static let noGasID = (reason: "no id of the gas meter", contents: ["submeter 1"])
    static let noTime = (reason: "no time of the telegram", contents: ["time"])
    static let noGasTime = (reason: "no time of the gas", contents: ["0-1:24.2.1 time"])
    private static let netPower = (
        reason: "import and export are one signed number",
        contents: ["1-0:1.7.0", "1-0:2.7.0"] + importPhases + exportPhases
    )
    private static let netPowers = [
        "1-0:16.7.0": "512 W", "1-0:36.7.0": "112 W", "1-0:56.7.0": "0 W", "1-0:76.7.0": "400 W",
    ]

    static func plain(_ prefix: String, _ values: KeyValuePairs<String, String>, suffix: String = "")
        -> [(String, String)]
    {
        values.map { ("\(prefix)\($0.key)\(suffix)", $0.value) }
    }

    private static let dsmrReader: KeyValuePairs = [
        "id": "12345678", "timestamp": "2024-04-26T20:33:25Z", "electricity_delivered_1": "2131.115",
        "electricity_returned_1": "12.345", "electricity_delivered_2": "3428.906", "electricity_returned_2": "456.789",
        "electricity_currently_delivered": "0.512", "electricity_currently_returned": "0.000",
        "phase_currently_delivered_l1": "0.112", "phase_currently_delivered_l2": "0.000",
        "phase_currently_delivered_l3": "0.400", "phase_currently_returned_l1": "0.000",
        "phase_currently_returned_l2": "0.000", "phase_currently_returned_l3": "0.000",
        "extra_device_timestamp": "2024-04-26T20:30:01Z", "extra_device_delivered": "246.138",
        "phase_voltage_l1": "229.9",
        "phase_voltage_l2": "231.2", "phase_voltage_l3": "230.4", "phase_power_current_l1": "1",
        "phase_power_current_l2": "0", "phase_power_current_l3": "2",
    ]

    private static let meterStats: KeyValuePairs = [
        "dsmr_version": "50", "electricity_tariff": "2", "power_failure_count": "13", "long_power_failure_count": "2",
        "voltage_sag_count_l1": "4", "voltage_sag_count_l2": "5", "voltage_sag_count_l3": "6",
        "voltage_swell_count_l1": "1", "voltage_swell_count_l2": "0", "voltage_swell_count_l3": "3",
        "rejected_telegrams": "0",
    ]

    private static let others: [Publisher] = [
        Publisher(
            "DSMR-reader, dsmr/json", adapter: "dsmr-reader", filters: ["dsmr/json"],
            [
                (
                    "dsmr/json",
                    "{"
                        + dsmrReader.map {
                            // Whole numbers are numbers, decimals are texts.
                            $0.key == "id" || $0.key.hasPrefix("phase_power_current")
                                ? "\"\($0.key)\": \($0.value)" : "\"\($0.key)\": \"\($0.value)\""
                        }.joined(separator: ", ") + "}"
                )
            ],
            losses: [
                noID, noGasID,
                (reason: "in dsmr/meter-stats only", contents: ["0-0:96.14.0"] + failures + sags + swells),
            ], others: ["meter": unnamed, "submeter 1": "other"]),
        Publisher(
            "DSMR-reader, a topic a field", adapter: "dsmr-reader", filters: ["dsmr/reading/+", "dsmr/meter-stats/+"],
            plain("dsmr/reading/", dsmrReader) + plain("dsmr/meter-stats/", meterStats), losses: [noID, noGasID],
            others: ["meter": unnamed, "submeter 1": "other"]),
        Publisher(
            "HomeWizard, API v1", adapter: "homewizard", filters: ["homewizard/energy"],
            [
                (
                    "homewizard/energy",
                    #"{"wifi_ssid":"x","wifi_strength":78,"smr_version":50,"meter_model":"ISKRA 2M550T-1012","#
                        + #""unique_id":"4530303939303030313233343536373839","active_tariff":2,"#
                        + #""total_power_import_kwh":5560.021,"total_power_import_t1_kwh":2131.115,"#
                        + #""total_power_import_t2_kwh":3428.906,"total_power_export_kwh":469.134,"#
                        + #""total_power_export_t1_kwh":12.345,"total_power_export_t2_kwh":456.789,"active_power_w":512,"#
                        + #""active_power_l1_w":112,"active_power_l2_w":0,"active_power_l3_w":400,"#
                        + #""active_voltage_l1_v":229.9,"active_voltage_l2_v":231.2,"active_voltage_l3_v":230.4,"#
                        + #""active_current_a":3,"active_current_l1_a":1,"active_current_l2_a":0,"active_current_l3_a":2,"#
                        + #""voltage_sag_l1_count":4,"voltage_sag_l2_count":5,"voltage_sag_l3_count":6,"#
                        + #""voltage_swell_l1_count":1,"voltage_swell_l2_count":0,"voltage_swell_l3_count":3,"#
                        + #""any_power_fail_count":13,"long_power_fail_count":2,"total_gas_m3":246.138,"#
                        + #""gas_timestamp":240426223001,"gas_unique_id":"4730303838303030393837363534333231","#
                        + #""external":[{"unique_id":"4730303838303030393837363534333231","type":"gas_meter","#
                        + #""timestamp":240426223001,"value":246.138,"unit":"m3"}]}"#
                )
            ],
            losses: [netPower, noTime],
            others: netPowers.merging(["1-0:1.8.0": "5560.021 kWh", "1-0:2.8.0": "469.134 kWh"]) { $1 }),
        Publisher(
            "HomeWizard, API v2", adapter: "homewizard", filters: ["http/homewizard"],
            [
                (
                    "http/homewizard",
                    #"{"protocol_version":50,"meter_model":"ISKRA 2M550T-1012","unique_id":"4530303939303030313233343536373839","#
                        + #""timestamp":"2024-04-26T22:33:25","tariff":2,"energy_import_kwh":5560.021,"#
                        + #""energy_import_t1_kwh":2131.115,"energy_import_t2_kwh":3428.906,"energy_export_kwh":469.134,"#
                        + #""energy_export_t1_kwh":12.345,"energy_export_t2_kwh":456.789,"power_w":512,"power_l1_w":112,"#
                        + #""power_l2_w":0,"power_l3_w":400,"voltage_l1_v":229.9,"voltage_l2_v":231.2,"voltage_l3_v":230.4,"#
                        + #""current_a":3,"current_l1_a":1,"current_l2_a":0,"current_l3_a":2,"voltage_sag_l1_count":4,"#
                        + #""voltage_sag_l2_count":5,"voltage_sag_l3_count":6,"voltage_swell_l1_count":1,"#
                        + #""voltage_swell_l2_count":0,"voltage_swell_l3_count":3,"any_power_fail_count":13,"#
                        + #""long_power_fail_count":2,"external":[{"unique_id":"4730303838303030393837363534333231","#
                        + #""type":"gas_meter","timestamp":"2024-04-26T22:30:01","value":246.138,"unit":"m3"}]}"#
                )
            ],
            losses: [netPower],
            others: netPowers.merging(["1-0:1.8.0": "5560.021 kWh", "1-0:2.8.0": "469.134 kWh"]) { $1 }),
        Publisher(
            "smartmeter2mqtt, one JSON", adapter: "smartmeter2mqtt", filters: ["smartmeter/status/+"],
            [
                (
                    "smartmeter/status/energy",
                    #"{"crc":true,"header":"ISK5\\2M550T-1012","p1Version":"50","powerTs":"2024-04-26T22:33:25","#
                        + #""powerSn":"4530303939303030313233343536373839","totalT1Use":2131.115,"totalT2Use":3428.906,"#
                        + #""totalT1Delivered":12.345,"totalT2Delivered":456.789,"currentTarrif":2,"currentUsage":0.512,"#
                        + #""currentDelivery":0,"powerFailures":13,"longPowerFailures":2,"voltageSagsL1":4,"voltageSagsL2":5,"#
                        + #""voltageSagsL3":6,"voltageSwellsL1":1,"voltageSwellsL2":0,"voltageSwellsL3":3,"currentL1":1,"#
                        + #""currentL2":0,"currentL3":2,"currentUsageL1":0.112,"currentUsageL2":0,"currentUsageL3":0.4,"#
                        + #""currentDeliveryL1":0,"currentDeliveryL2":0,"currentDeliveryL3":0,"#
                        + #""gasSn":"4730303838303030393837363534333231","#
                        + #""gas":{"ts":"2024-04-26T22:30:01","totalUse":246.138},"calculatedUsage":512}"#
                )
            ], losses: [(reason: "does not read voltages", contents: voltages)]),
        Publisher(
            "smartmeter2mqtt, distinct", adapter: "smartmeter2mqtt", filters: ["smartmeter/status/+"],
            plain(
                "smartmeter/status/",
                [
                    "currentUsage": #"{"ts":1714163606000,"val":0.512}"#,
                    "totalT1Use": #"{"ts":1714163606000,"val":2131.115}"#,
                    "totalT2Use": #"{"ts":1714163606000,"val":3428.906}"#,
                    "totalT1Delivered": #"{"ts":1714163606000,"val":12.345}"#,
                    "totalT2Delivered": #"{"ts":1714163606000,"val":456.789}"#,
                ]),
            losses: [
                noID, noTime, (reason: "a zero is not published", contents: ["1-0:2.7.0"]),
                (
                    reason: "not among the fields that the user chose",
                    contents: ["0-0:96.14.0"] + failures + sags + swells + voltages + currents + importPhases
                        + exportPhases
                        + gas
                ),
            ], others: ["meter": unnamed]),
        Publisher(
            "dsmr2mqtt", adapter: "dsmr2mqtt", filters: ["dsmr/el", "dsmr/gas"],
            [
                (
                    "dsmr/el",
                    #"{"P1_consumed":112.0,"P1_generated":0.0,"P2_consumed":0.0,"P2_generated":0.0,"P3_consumed":400.0,"#
                        + #""P3_generated":0.0,"V1":229.9,"V1_sags":4,"V1_swells":1,"V2":231.2,"V2_sags":5,"V2_swells":0,"#
                        + #""V3":230.4,"V3_sags":6,"V3_swells":3,"el_consumed":5560021.0,"el_consumed1":2131115.0,"#
                        + #""el_consumed2":3428906.0,"el_returned":469134.0,"el_returned1":12345.0,"el_returned2":456789.0,"#
                        + #""long_power_failures":2,"p_consumed":512.0,"p_generated":0.0,"power_failures":13,"#
                        + #""serial":"36373839","tariff_indicator":2,"timestamp":1714163605}"#
                ), ("dsmr/gas", #"{"gas_consumed":246138.0,"serial":"34333231","timestamp":1714163605}"#),
            ],
            losses: [
                (reason: "the serial is cut to eight digits", contents: ["meter", "submeter 1"]), noGasTime,
                (reason: "currents are switched off", contents: currents),
            ],
            others: [
                "meter": unnamed, "1-0:1.8.0": "5560.021 kWh", "1-0:2.8.0": "469.134 kWh", "submeter 1": "gas",
            ]),
        Publisher(
            "esp8266_p1meter, Netherlands", adapter: "esp8266-p1meter", filters: ["sensors/power/p1meter/+"],
            plain(
                "sensors/power/p1meter/",
                [
                    "consumption_low_tarif": "2131115", "consumption_high_tarif": "3428906",
                    "returndelivery_low_tarif": "12345", "returndelivery_high_tarif": "456789",
                    "actual_consumption": "512", "actual_returndelivery": "0", "l1_instant_power_usage": "112",
                    "l2_instant_power_usage": "0", "l3_instant_power_usage": "400", "l1_instant_power_current": "1000",
                    "l2_instant_power_current": "0", "l3_instant_power_current": "2000", "l1_voltage": "229900",
                    "l2_voltage": "231200", "l3_voltage": "230400", "gas_meter_m3": "246138", "actual_tarif_group": "2",
                    "short_power_outages": "13", "long_power_outages": "2", "short_power_drops": "4",
                    "short_power_peaks": "1",
                ]),
            losses: [
                noID, noTime, noGasID, noGasTime,
                (reason: "of phase 1 only", contents: [sags[1], sags[2], swells[1], swells[2]]),
                (reason: "no export of the phases", contents: exportPhases),
            ], others: ["meter": unnamed, "submeter 1": "gas"]),
        Publisher(
            "esp8266_p1meter, Belgium", adapter: "esp8266-p1meter-be", filters: ["sensors/power/p1meter/+"],
            plain(
                "sensors/power/p1meter/",
                [
                    "consumption_low_tarif": "3428906", "consumption_high_tarif": "2131115",
                    "returndelivery_low_tarif": "456789", "returndelivery_high_tarif": "12345",
                    "actual_consumption": "512", "actual_returndelivery": "0", "l1_instant_power_usage": "0",
                    "l2_instant_power_usage": "0", "l3_instant_power_usage": "0", "l1_instant_power_current": "1000",
                    "l2_instant_power_current": "0", "l3_instant_power_current": "2000", "l1_voltage": "229900",
                    "l2_voltage": "231200", "l3_voltage": "230400", "gas_meter_m3": "0", "actual_tarif_group": "2",
                    "short_power_outages": "13", "long_power_outages": "2", "short_power_drops": "4",
                    "short_power_peaks": "1", "actual_average_15m_peak": "0",
                ]),
            losses: [
                noID, noTime, (reason: "reads gas in 24.2.3 only, and sends 0", contents: gas),
                (reason: "of phase 1 only", contents: [sags[1], sags[2], swells[1], swells[2]]),
                (reason: "no powers of the phases", contents: importPhases + exportPhases),
            ], others: ["meter": unnamed, "1-0:1.4.0": "0 W"]),
        Publisher(
            "ESPHome, a topic a sensor", adapter: "esphome",
            filters: ["+/sensor/+/state", "+/text_sensor/+/state", "+/status"],
            [("p1-reader/status", "online")]
                + plain(
                    "p1-reader/text_sensor/",
                    [
                        "dsmr_identification": #"ISK5\2M550T-1012"#, "timestamp": "240426223325S",
                        "equipment_id": "4530303939303030313233343536373839",
                    ], suffix: "/state")
                + plain(
                    "p1-reader/sensor/",
                    [
                        "energy_consumed_tariff_1": "2131.115", "energy_consumed_tariff_2": "3428.906",
                        "energy_produced_tariff_1": "12.345", "energy_produced_tariff_2": "456.789",
                        "power_consumed": "0.512", "power_produced": "0.000", "electricity_failures": "13",
                        "electricity_long_failures": "2", "voltage_phase_1": "229.9", "voltage_phase_2": "231.2",
                        "voltage_phase_3": "230.4", "current_phase_1": "1.0", "current_phase_2": "0.0",
                        "current_phase_3": "2.0", "power_consumed_phase_1": "0.112", "power_consumed_phase_2": "0.000",
                        "power_consumed_phase_3": "0.400", "power_produced_phase_1": "0.000",
                        "power_produced_phase_2": "0.000", "power_produced_phase_3": "0.000", "gas_consumed": "246.138",
                        "wifi_signal": "-61", "water_delivered": "nan",
                    ], suffix: "/state"),
            losses: [
                noGasTime, noGasID, (reason: "not configured here", contents: ["0-0:96.14.0"] + sags + swells),
            ], others: ["submeter 1": "gas"]),
        Publisher(
            "amsreader, JSON", adapter: "amsreader", filters: ["ams/p1"],
            [
                (
                    "ams/p1",
                    #"{"id":"AA:BB:CC:DD:EE:FF","name":"ams","up":4711,"t":1714163605,"vcc":3.300,"rssi":-61,"temp":-127.00,"#
                        + #""data":{"lv":"ISK5\2M550T-1012","meterId":"E0099000123456789","type":"2M550T-1012","P":512,"Q":0,"#
                        + #""PO":0,"QO":0,"I1":1.00,"I2":0.00,"I3":2.00,"U1":229.90,"U2":231.20,"U3":230.40,"#
                        + #""P1":112,"P2":0,"P3":400,"PO1":0,"PO2":0,"PO3":0,"tPI":5560.021,"tPO":469.134,"tQI":0.000,"#
                        + #""tQO":0.000,"rtc":1714163605},"realtime":{"h":0.12,"d":3.4,"t":0,"x":1.20,"he":0.00,"de":0.0}}"#
                )
            ],
            losses: [
                (reason: "no tariffs", contents: tariffs + ["0-0:96.14.0"]), (reason: "no M-Bus", contents: gas),
                (reason: "no counts", contents: failures + sags + swells),
            ],
            others: [
                "1-0:1.8.0": "5560.021 kWh", "1-0:2.8.0": "469.134 kWh", "1-0:3.7.0": "0 var", "1-0:4.7.0": "0 var",
                "1-0:3.8.0": "0 kvarh", "1-0:4.8.0": "0 kvarh",
            ]),
        Publisher(
            "amsreader, raw topics", adapter: "amsreader", filters: ["ams/#"],
            plain(
                "ams/meter/",
                [
                    "id": "E0099000123456789", "type": "2M550T-1012", "clock": "1714163605", "import/active": "512",
                    "export/active": "0", "l1/voltage": "229.90", "l2/voltage": "231.20", "l3/voltage": "230.40",
                    "l1/current": "1.00", "l2/current": "0.00", "l3/current": "2.00",
                    "import/active/accumulated": "5560.021", "export/active/accumulated": "469.134",
                ]),
            losses: [
                (reason: "no tariffs", contents: tariffs + ["0-0:96.14.0"]), (reason: "no M-Bus", contents: gas),
                (reason: "no counts", contents: failures + sags + swells),
                (reason: "no powers of the phases", contents: importPhases + exportPhases),
            ], others: ["1-0:1.8.0": "5560.021 kWh", "1-0:2.8.0": "469.134 kWh"]),
        Publisher(
            "Netduino", adapter: "netduino", filters: ["http/netduino"],
            [
                (
                    "http/netduino",
                    #"{"usageHighkWh":"002131.115","usageLowkWh":"003428.906","productionHighkWh":"000012.345","#
                        + #""productionLowkWh":"000456.789","currentUsagekW":"00000.51","currentProductionkW":"Error"}"#
                )
            ],
            losses: [
                noID, noTime, (reason: "the word Error stands for a missing line", contents: ["1-0:2.7.0"]),
                (
                    reason: "reads counters and power only",
                    contents: ["0-0:96.14.0"] + failures + sags + swells + voltages + currents + importPhases
                        + exportPhases
                        + gas
                ),
            ],
            others: ["meter": unnamed, "1-0:1.7.0": "510 W"]),
        Publisher(
            "plan-d.io, JSON with a unit", adapter: "plan-d", filters: ["data/devices/utility_meter/+"],
            plain(
                "data/devices/utility_meter/",
                [
                    "total_energy_consumed": #"{"unit":"kWh","value":5560.02}"#,
                    "total_energy_injected": #"{"unit":"kWh","value":469.13}"#,
                    "total_active_power": #"{"unit":"kW","value":0.51}"#,
                    "total_consumption_t1": #"{"unit":"kWh","value":2131.12}"#,
                    "total_consumption_t2": #"{"unit":"kWh","value":3428.91}"#,
                    "total_injection_t1": #"{"unit":"kWh","value":12.35}"#,
                    "total_injection_t2": #"{"unit":"kWh","value":456.79}"#, "active_tariff_period": #"{"value":2}"#,
                    "active_power_consumption": #"{"unit":"kW","value":0.51}"#,
                    "active_power_injection": #"{"unit":"kW","value":0}"#,
                    "voltage_phase_1": #"{"unit":"V","value":229.9}"#,
                    "voltage_phase_2": #"{"unit":"V","value":231.2}"#,
                    "voltage_phase_3": #"{"unit":"V","value":230.4}"#, "current_phase_1": #"{"unit":"A","value":1}"#,
                    "current_phase_2": #"{"unit":"A","value":0}"#, "current_phase_3": #"{"unit":"A","value":2}"#,
                    "natural_gas_consumption": #"{"unit":"m3","value":246.14}"#,
                ]),
            losses: [
                noID, noTime, noGasID, noGasTime, (reason: "not among its fields", contents: failures + sags + swells),
                (reason: "no powers of the phases", contents: importPhases + exportPhases),
                (
                    reason: "rounded to two decimals",
                    contents: tariffs + ["1-0:1.7.0", "0-1:24.2.1"]
                ),
            ],
            others: [
                "meter": unnamed, "submeter 1": "gas", "1-0:1.8.0": "5560.02 kWh", "1-0:2.8.0": "469.13 kWh",
                "1-0:16.7.0": "510 W", "1-0:1.8.1": "2131.12 kWh", "1-0:1.8.2": "3428.91 kWh", "1-0:2.8.1": "12.35 kWh",
                "1-0:2.8.2": "456.79 kWh", "1-0:1.7.0": "510 W", "0-1:24.2.1": "246.14 m³",
            ]),
        Publisher(
            "ON4ABR", adapter: "on4abr", filters: ["udp/on4abr"],
            [("udp/on4abr", #"{"dsmr":{2131115,3428906,12345,456789,2,33,25]}"#)],
            losses: [
                noID, noTime, (reason: "no power", contents: ["1-0:1.7.0", "1-0:2.7.0"]),
                (
                    reason: "counters and the tariff only",
                    contents: failures + sags + swells + voltages + currents + importPhases + exportPhases + gas
                ),
            ], others: ["meter": unnamed]),
    ]
}
