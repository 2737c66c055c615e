// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

/// Home Assistant and the quarter-hour demand.
@Suite struct HomeAssistantDemandTests {
    private func components(language: String, _ profile: String) throws -> [String: [String: Any]] {
        var pipeline = try TestPipeline(outputs: "[home-assistant: {language: \(language)}]", profile: profile)
        // 2026-11-20T23:30:00Z and fifteen minutes later.
        let out =
            pipeline.send("in/a", "id=1 t=1795217400 1-0:1.8.0=100.001kWh 1-0:1.7.0=800W", after: 172_000)
            + pipeline.send("in/a", "id=1 t=1795218300 1-0:1.8.0=100.201kWh 1-0:1.7.0=800W", after: 900_000)
        let message = out.json(on: "homeassistant/device/obis_1/config")
        return message["components"] as? [String: [String: Any]] ?? [:]
    }

    @Test(arguments: [
        ("en", "Demand import expected", "Demand import mean of twelve months", "Demand import last quarter hour"),
        (
            "de", "Erwartete Viertelstundenleistung Bezug", "Mittel der zwölf Monatsspitzen Bezug",
            "Letzte Viertelstundenleistung Bezug"
        ),
    ])
    func `what is expected and the mean of the year are entities where demand is on`(
        _ language: String, _ expected: String, _ year: String, _ last: String
    ) throws {
        let all = try components(language: language, "demand: on")
        #expect(all["demand_import_expected"]?["name"] as? String == expected)
        #expect(all["demand_import_year"]?["name"] as? String == year)
        #expect(all["1-0_1.5.0"]?["name"] as? String == last)
        #expect(all["1-0_1.6.0_time"] != nil && all["1-0_1.4.0"] != nil)
        #expect(all["demand_import_year"]?["unit_of_measurement"] as? String == "W")
        #expect(
            (all["demand_import_year"]?["value_template"] as? String)?.contains("get('demand_import_year')") == true)
        let off = try components(language: language, "{}")
        #expect(off["demand_import_expected"] == nil && off["1-0_1.4.0"] == nil && off["1-0_1.8.0"] != nil)
    }
}
