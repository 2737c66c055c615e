// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer
@testable import History

/// `obis-bridge history`.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct HistoryCommandTests {
    private static let start: Int64 = 1_780_272_000  // 2026-06-01T00:00:00Z

    /// A history of two meters over two days, written as the bridge does it.
    private func history() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let writer = HistoryWriter { _, _ in }
        writer.configure(
            HistoryWriter.Settings(
                path: "\(folder.path)/history.db", retention: nil, raw: .seconds(3_000_000_000), zone: .utc)
        ) { $0.isCounter }
        for meter in ["house", "barn"] {
            for minute in stride(from: 0, through: 2 * 1440, by: 5) {
                let energy = ExactDecimal(5_000_000 + Int64(minute), exponent: -3)
                writer.take(
                    HistoryReading(
                        meter: meter, time: Timestamp(seconds: Self.start + Int64(minute) * 60),
                        registers: [
                            RegisterValue(obis: OBISCode(1, 0, 1, 8, 0), value: .number(energy), unit: Unit("kWh")),
                            RegisterValue(
                                obis: OBISCode(1, 0, 1, 7, 0), value: .number(ExactDecimal(60)), unit: Unit("W")),
                        ]))
            }
        }
        let isOver = Monitor(false)
        Thread.detachNewThread {
            writer.run()
            isOver.withLock { $0 = true }
        }
        writer.close(within: .seconds(10))
        #expect(isOver.wait { $0 })
        try folder.write(
            "bridge.yaml", "broker: mqtt://localhost\nzone: UTC\nsources: {g: {adapter: gplug}}\nhistory: on\n")
        return folder
    }

    private func run(_ folder: TemporaryDirectory, _ arguments: [String], code: Int32 = 0) throws -> [String] {
        let process = try ChildProcess(
            RunningBridge.program, ["history"] + arguments + ["--config", "\(folder.path)/bridge.yaml"])
        #expect(process.wait() == code, "\(process.output.value.lines)")
        return process.output.value.lines
    }

    @Test func `export prints spans of every meter and register`() throws {
        let folder = try history()
        let lines = try run(folder, ["export", "--step", "1d"])
        #expect(lines.first == "meter,register,unit,start,energy,last,min,mean,max,complete")
        #expect(lines.contains("house,1-0:1.8.0,kWh,2026-06-01T00:00:00Z,1.44,5001.44,,,,true"))
        #expect(lines.contains("barn,1-0:1.7.0,W,2026-06-02T00:00:00Z,,,60,60,60,true"))
        // Two meters, two registers, two days, and the quarter before the first reading, which is in May.
        #expect(lines.count == 1 + 2 * 2 * 3)
    }

    @Test func `export names spans by their end, of one meter and register, as JSON`() throws {
        let folder = try history()
        let lines = try run(
            folder,
            [
                "export", "house", "--register", "energy_import", "--from", "2026-06-01", "--to", "2026-06-02",
                "--step",
                "1d", "--format", "json", "--label", "end",
            ])
        #expect(
            lines == [
                #"{"meter":"house","register":"1-0:1.8.0","unit":"kWh","kind":"counter","step":"1d","label":"end","#
                    + #""from":"2026-06-01T00:00:00Z","to":"2026-06-02T00:00:00Z","rows":["#
                    + #"{"end":"2026-06-02T00:00:00Z","energy":1.44,"last":5001.44,"peak":{"start":"2026-06-01T00:00:00Z","energy":0.015},"complete":true}]}"#
            ])
    }

    @Test func `an anonymised export has neither names nor readings`() throws {
        let folder = try history()
        let text = try run(folder, ["export", "--anonymise", "--step", "1d"]).joined(separator: "\n")
        #expect(!text.contains("house") && !text.contains("barn") && !text.contains("500"))
        #expect(text.contains("meter-2,1-0:1.8.0,kWh,2026-06-01T00:00:00Z,1.44,1.44,,,,true"))
    }

    @Test func `export prints single readings`() throws {
        let folder = try history()
        let lines = try run(
            folder,
            [
                "export", "barn", "--readings", "--register", "energy_import", "--from", "2026-06-01", "--to",
                "2026-06-02",
            ])
        #expect(
            lines.prefix(3) == [
                "meter,register,time,value", "barn,1-0:1.8.0,2026-06-01T00:00:00Z,5000",
                "barn,1-0:1.8.0,2026-06-01T00:05:00Z,5000.005",
            ])
        #expect(lines.count == 1 + 288)
    }

    @Test func `statistics and vacuum tell what there is`() throws {
        let folder = try history()
        let lines = try run(folder, ["statistics"])
        #expect(lines.first?.contains(" MB, 386 quarter hours, ") == true, "\(lines)")
        #expect(lines.dropFirst().first?.hasPrefix("barn: 2 registers since 2026-05-31, days in UTC") == true)
        #expect(try run(folder, ["vacuum"]).first?.contains("bytes now") == true)
        let writer = HistoryWriter { _, _ in }
        writer.configure(
            HistoryWriter.Settings(
                path: "\(folder.path)/history.db", retention: nil, raw: .seconds(3_000_000_000), zone: .utc)
        ) { $0.isCounter }
        Thread.detachNewThread { writer.run() }
        defer { writer.close(within: .seconds(5)) }
        for _ in 0..<200 where !FileManager.default.fileExists(atPath: "\(folder.path)/history.db-wal") {
            usleep(10_000)
        }
        #expect(try run(folder, ["vacuum"], code: 1).joined().contains("the bridge writes it; stop it first"))
    }

    @Test func `a name that nobody has is told with the nearest one`() throws {
        let folder = try history()
        #expect(
            try run(folder, ["export", "hose"], code: 1) == [
                "there is no history of a meter \"hose\", did you mean \"house\"?"
            ])
        #expect(
            try run(folder, ["export", "--register", "x"], code: 64).joined().contains("neither the code nor the alias")
        )
        try folder.write("bridge.yaml", "broker: mqtt://localhost\nsources: {g: {adapter: gplug}}\n")
        #expect(try run(folder, ["statistics"], code: 1).joined().contains("keeps no history: write history: on"))
    }
}
