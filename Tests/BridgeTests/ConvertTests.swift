// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `obis-bridge convert` as a script would use it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct ConvertTests {
    /// What a run printed.
    struct Result {
        let code: Int32?
        let lines: [String]
        var publications: [[String: Any]] {
            lines.compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        }
        var reading: Received? { payload("/reading") }
        var reject: Received? { payload("/reject") }

        private func payload(_ suffix: String) -> Received? {
            for publication in publications {
                guard let topic = publication["topic"] as? String, topic.hasSuffix(suffix),
                    let payload = publication["payload"] as? String
                else { continue }
                return Received("\(topic) \(payload)")
            }
            return nil
        }
    }

    private func convert(_ payload: String, _ arguments: String...) throws -> Result {
        let process = try ChildProcess(RunningBridge.program, ["convert"] + arguments, input: Array(payload.utf8))
        return Result(code: process.wait(), lines: process.output.value.lines)
    }

    /// A row: topic below `smartmeter/` or `dt/`, payload, arrival; then meter, time, register, value with unit.
    static let collectorRows: [[String]] = [
        [
            "smartmeter/LGZ1030655900017/ACTIVE_POWER_P", #"{"value": 28.0, "timestamp": 1625576298}"#,
            "2021-07-06T12:58:18Z", "lgz1030655900017", "2021-07-06T12:58:18Z", "1-0:1.7.0", "28 W",
        ],
        [
            "smartmeter/ISK1030783800001/VOLTAGE_L1", #"{"value": 2347.0, "timestamp": 1795217196}"#,
            "2026-11-20T23:26:36Z", "isk1030783800001", "2026-11-20T23:26:36Z", "1-0:32.7.0", "2347 V",
        ],
        [
            "smartmeter/110002200/REACTIVE_ENERGY_P", #"{"value": 68340.0, "timestamp": 1711051829, "obis": "3.8.1"}"#,
            "2024-03-21T20:10:29Z", "110002200", "2024-03-21T20:10:29Z", "1-0:3.8.1", "68.34 kvarh",
        ],
        [
            "smartmeter/LGZ1030655900017/ACTIVE_POWER_N_L2",
            #"{"value": 5.0, "timestamp": 1795217228, "obis": "42.7.0"}"#,
            "2026-11-20T23:27:08Z", "lgz1030655900017", "2026-11-20T23:27:08Z", "1-0:42.7.0", "5 W",
        ],
        [
            "dt/building/LGZ1030163500005/ds",
            #"{"meter": {"ts": "2023-06-06T15:31:20.180000+00:00", "72.7.0": 235.70000000000002, "1.8.0": 21956.0}}"#,
            "2023-06-06T15:31:20Z", "lgz1030163500005", "2023-06-06T15:31:20.180Z", "1-0:72.7.0", "235.7 V",
        ],
    ]

    @Test(arguments: collectorRows) func `a row of the collector's documentation`(row: [String]) throws {
        let result = try convert(
            row[1], "--adapter", "smartmeter-datacollector", "--topic", row[0], "--received", row[2])
        #expect(result.code == 0)
        let reading = try #require(result.reading, "\(result.lines)")
        #expect(reading.topic == "harmonized/v1/meter/\(row[3])/reading")
        #expect(reading.object["time"] as? String == row[4])
        // 68.34 has no exact Double, which is how this test reads JSON: the digits are compared in the text.
        let (value, unit) = (row[6].split(separator: " ")[0], row[6].split(separator: " ")[1])
        #expect(reading.payload.contains("\"\(row[5])\":{\"value\":\(value),\"unit\":\"\(unit)\"}"))
        // An AM550 behind a collector before 2.0.0: `scale: collector-am550` puts it right.
        #expect(reading.rules == (row[6] == "2347 V" ? ["value.out-of-range"] : []))
    }

    @Test func `the two hours that version 1.2 is ahead are not believed`() throws {
        let result = try convert(
            #"{"value": 28.0, "timestamp": 1625583498}"#, "--adapter", "smartmeter-datacollector", "--topic",
            "smartmeter/LGZ1030655900017/ACTIVE_POWER_P", "--received", "2021-07-06T12:58:18Z")
        #expect(result.reading?.rules == ["time.future"])
        #expect(result.reading?.object["time"] as? String == "2021-07-06T12:58:18Z")
    }

    @Test func `a placeholder id and a port path get a name and a fix`() throws {
        let placeholder = try convert(
            #"{"value": 25149419.0, "timestamp": 1795217228}"#, "--adapter", "smartmeter-datacollector", "--topic",
            "smartmeter/12345/ACTIVE_ENERGY_P", "--received", "2026-11-20T23:27:08Z")
        #expect(placeholder.reading?.rules == ["id.placeholder"])
        #expect(placeholder.reading?.registers["1-0:1.8.0"] == "25149.419 kWh")
        let path = try convert(
            #"{"value": 4395170.0, "timestamp": 1645648560, "obis": "1.8.1"}"#, "--adapter",
            "smartmeter-datacollector", "--topic", "smartmeter//dev/ttyUSB0/ACTIVE_ENERGY_P_T1", "--received",
            "2022-02-23T20:36:00Z")
        #expect(path.reading?.rules == ["id.missing"])
        #expect(path.reading?.topic.split(separator: "/").count == 5)
        #expect(path.reading?.registers["1-0:1.8.1"] == "4395.17 kWh")
    }

    @Test func `an ignored message prints nothing and a rejected one its reject`() throws {
        let empty = try convert(
            #"{"meter": {"ts": "2024-06-11T14:00:00+00:00"}}"#, "--adapter", "smartmeter-datacollector", "--topic",
            "dt/building/24521600/ds")
        #expect(empty.code == 0 && empty.lines == [])
        let broken = try convert(#"{"z":{ this is not json "#, "--adapter", "gplug", "--zone", "UTC")
        #expect(broken.code == 1)
        #expect(broken.reject?.topic == "harmonized/v1/bridge/convert/reject")
        #expect(broken.reject?.object["reason"] as? String == "json.invalid")
        #expect(broken.reject?.object["position"] as? Int == 7)
    }

    @Test func `a guess says what to write and where`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", "zone: Europe/Zurich\nsources:\n  gplug:\n    adapter: gplug\n")
        let process = try ChildProcess(
            RunningBridge.program,
            [
                "convert", "--source", "gplug", "--config", "\(folder.path)/bridge.yaml", "--topic",
                "tele/gPlugD_1/SENSOR",
            ],
            input: Array(
                (#"{"Time":"2026-09-11T14:49:11","z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"P1i":136,"P2i":140,"#
                    + #""P3i":136,"P1o":0,"P2o":0,"P3o":0,"V1":229.1,"V2":229.5,"V3":229.1,"I1":1,"I2":1,"I3":1,"#
                    + #""Ei1":18752.361,"Ei2":24226.039}}"#).utf8))
        #expect(process.wait() == 0)
        let sentence =
            "meter 10000021: guessed labels gplug-d from 17 of 17 keys; write \"labels: gplug-d\" at \(folder.path)/bridge.yaml:3"
        #expect(process.output.value.lines.contains(sentence), "\(process.output.value.lines.first ?? "")")
    }

    @Test func `Wh from one reader and kWh from the other come out in one unit`() throws {
        let wattHours = try convert(
            #"{"value": 888343.0, "timestamp": 1795217228}"#, "--adapter", "smartmeter-datacollector", "--topic",
            "smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P")
        let kilowattHours = try convert(
            #"{"Time":"2026-09-11T14:49:11","z":{"Ei":888.343}}"#, "--adapter", "gplug", "--labels", "gplug-d",
            "--zone",
            "Europe/Zurich")
        #expect(wattHours.reading?.registers["1-0:1.8.0"] == "888.343 kWh")
        #expect(kilowattHours.reading?.registers["1-0:1.8.0"] == "888.343 kWh")
    }
}
