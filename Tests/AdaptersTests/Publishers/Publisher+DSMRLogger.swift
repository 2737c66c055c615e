// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The DSMR-logger family: the names of its fields, in five ways of sending them.
extension Publisher {
    /// Name, value as JSON, unit.
    private static let fields: [(name: String, value: String, unit: String)] = [
        ("identification", #""ISK5=2M550T-1012""#, ""),
        ("p1_version", #""50""#, ""),
        ("timestamp", #""240426223325S""#, ""),
        ("equipment_id", #""4530303939303030313233343536373839""#, ""),
        ("energy_delivered_tariff1", "2131.115", "kWh"),
        ("energy_delivered_tariff2", "3428.906", "kWh"),
        ("energy_returned_tariff1", "12.345", "kWh"),
        ("energy_returned_tariff2", "456.789", "kWh"),
        ("electricity_tariff", #""0002""#, ""),
        ("power_delivered", "0.512", "kW"),
        ("power_returned", "0", "kW"),
        ("electricity_failures", "13", ""),
        ("electricity_long_failures", "2", ""),
        ("electricity_sags_l1", "4", ""),
        ("electricity_sags_l2", "5", ""),
        ("electricity_sags_l3", "6", ""),
        ("electricity_swells_l1", "1", ""),
        ("electricity_swells_l2", "0", ""),
        ("electricity_swells_l3", "3", ""),
        ("voltage_l1", "229.9", "V"),
        ("voltage_l2", "231.2", "V"),
        ("voltage_l3", "230.4", "V"),
        ("current_l1", "1", "A"),
        ("current_l2", "0", "A"),
        ("current_l3", "2", "A"),
        ("power_delivered_l1", "0.112", "kW"),
        ("power_delivered_l2", "0", "kW"),
        ("power_delivered_l3", "0.4", "kW"),
        ("power_returned_l1", "0", "kW"),
        ("power_returned_l2", "0", "kW"),
        ("power_returned_l3", "0", "kW"),
        ("mbus1_device_type", "3", ""),
        ("mbus1_equipment_id_tc", #""4730303838303030393837363534333231""#, ""),
        ("mbus1_delivered", "246.138", "m3"),
        ("gas_delivered", "246.138", "m3"),
    ]

    private static let gasTime = (
        reason: "the time of the gas is not among its fields", contents: ["0-1:24.2.1 time"]
    )

    /// The fields of `/api/v1/sm/actual` and of P1 Dongle Pro's `all`.
    private static let actual = fields.filter { field in
        field.name == "timestamp" || ["energy", "power", "voltage", "current"].contains { field.name.hasPrefix($0) }
    }

    private static let notActual = (
        reason: "not among the fields of the moment",
        contents: [
            "meter", "0-0:96.14.0", "0-0:96.7.21", "0-0:96.7.9", "1-0:32.32.0", "1-0:52.32.0", "1-0:72.32.0",
            "1-0:32.36.0",
            "1-0:52.36.0", "1-0:72.36.0",
        ]
    )

    static let dsmrLogger: [Publisher] = [
        Publisher(
            "DSMRloggerAPI 3.x and DSMR-API-V2", adapter: "dsmr-logger", filters: ["DSMR-API/+"],
            fields.map { ("DSMR-API/\($0.name)", "{\"\($0.name)\": [\(object($0))]}") }, losses: [gasTime]),
        Publisher(
            "DSMRloggerWS", adapter: "dsmr-logger", filters: ["DSMR-WS/JSON/+"],
            fields.map { ("DSMR-WS/JSON/\($0.name)", "{\"\($0.name)\":[\(object($0))]}") }, losses: [gasTime]),
        Publisher(
            "DSMRlogger32, all fields on one topic", adapter: "dsmr-logger", filters: ["DSMRlogger32"],
            fields.map { ("DSMRlogger32", "{\"\($0.name)\":\($0.value)}") }, losses: [gasTime]),
        Publisher(
            "P1 Dongle Pro, plain values", adapter: "dsmr-logger", filters: ["p1-dongle-pro/+"],
            // The id of the gas meter is retained.
            [("p1-dongle-pro/gas_equipment_id", "4730303838303030393837363534333231")]
                + fields.filter { !$0.name.hasPrefix("mbus1") }
                .map { ("p1-dongle-pro/\($0.name)", $0.value.replacing("\"", with: "")) } + [
                    ("p1-dongle-pro/gas_delivered_timestamp", "240426223001S")
                ],
            losses: [
                (reason: "the time of the gas comes behind it, on a topic of its own", contents: ["0-1:24.2.1 time"])
            ]),
        Publisher(
            "P1 Dongle Pro, all", adapter: "dsmr-logger", filters: ["p1-dongle-pro/+"],
            [
                (
                    "p1-dongle-pro/all",
                    "{"
                        + actual.filter { $0.name != "gas_delivered" }.map { "\"\($0.name)\":\($0.value)" }.joined(
                            separator: ",")
                        + #","electricity_tariff":"0002","gas":246.138001,"gas_ts":"240426223001S"}"#
                )
            ],
            losses: [(notActual.reason, notActual.contents.filter { $0 != "0-0:96.14.0" })],
            others: ["meter": unnamed, "submeter 1": "gas"]),
        Publisher(
            "DSMRloggerAPI, REST actual", adapter: "dsmr-logger", filters: ["http/dsmr-api"],
            [
                (
                    "http/dsmr-api",
                    #"{"actual":["#
                        + (actual + fields.suffix(1)).map { field in
                            #"{"name":"\#(field.name)","value":\#(field.value)"#
                                + (field.unit.isEmpty ? "}" : #","unit":"\#(field.unit)"}"#)
                        }.joined(separator: ",") + "]}"
                )
            ],
            losses: [notActual, gasTime], others: ["meter": unnamed, "submeter 1": "gas"]),
        Publisher(
            "DSMRlogger2HTTP, getActual.json", adapter: "dsmr-logger", filters: ["http/dsmr"],
            [
                (
                    "http/dsmr",
                    #"{"Timestamp":"240426223325S","Energy_Delivered":"5560.021","Energy_Returned":"469.134","#
                        + #""Gas_Delivered":"246.138","Energy_Delivered_Tariff1":"2131.115","#
                        + #""Energy_Delivered_Tariff2":"3428.906","Energy_Returned_Tariff1":"12.345","#
                        + #""Energy_Returned_Tariff2":"456.789","Power_Delivered":"0.512","Power_Returned":"0.000","#
                        + #""Voltage_l1":"229.9","Current_l1":"1","Voltage_l2":"231.2","Current_l2":"0","#
                        + #""Voltage_l3":"230.4","Current_l3":"2","Power_Delivered_l1":"112","Power_Delivered_l2":"0","#
                        + #""Power_Delivered_l3":"400","Power_Returned_l1":"0","Power_Returned_l2":"0","#
                        + #""Power_Returned_l3":"0"}"#
                )
            ],
            losses: [notActual, gasTime],
            others: [
                "meter": unnamed, "1-0:1.8.0": "5560.021 kWh", "1-0:2.8.0": "469.134 kWh", "submeter 1": "gas",
            ]),
    ]

    private static func object(_ field: (name: String, value: String, unit: String)) -> String {
        field.unit.isEmpty
            ? "{\"value\":\(field.value)}" : "{\"value\": \(field.value), \"unit\": \"\(field.unit)\"}"
    }
}
