// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import ShippedFiles
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// `demo`: what it plays, and that nothing of it stays.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct DemoTests {
    @Test func `what it plays is a recording as record writes it`() throws {
        let recording = try DemoReaders.recording()
        #expect(recording.messages.flatMap(RecordedTraffic.line) == ShippedDemo.recording)
        #expect(recording.messages.first?.topic == RecordedTraffic.beginning)
        #expect(recording.messages.last?.topic == RecordedTraffic.end)
        #expect(recording.seconds == 60 && recording.messages.count == 122)
    }

    @Test func `times are moved to now, local ones with the hour of their season`() throws {
        let zone = try #require(Zone("Europe/Zurich"))
        let start = try #require(RFC3339.instant("2021-09-24T16:00:00Z"))
        let now = try #require(RFC3339.instant("2026-12-01T09:30:00Z"))
        let shift = TimeShift(from: start, to: now, zone: zone)
        #expect(
            shift.shifted(#"{"value": 412.0, "timestamp": 1632499207}"#)
                == "{\"value\": 412.0, \"timestamp\": \(now.seconds + 7)}")
        #expect(
            shift.shifted(#"{"Time":"2021-09-24T18:00:01","z":{"Pi":14}}"#)
                == #"{"Time":"2026-12-01T10:30:01","z":{"Pi":14}}"#)
        #expect(shift.shifted("Online") == "Online")
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGKILL]) func `its broker ends with it, whatever ends it`(signal: Int32) throws
    {
        let demo = try ChildProcess(RunningBridge.program, ["demo", "--for", "600"])
        // A signal that comes while it starts ends it like any other program.
        #expect(demo.wait(seconds: 30) { $0.contains { $0.hasPrefix("harmonised") } })
        let port = try #require(demo.output.value.lines.lazy.compactMap { $0.firstMatch(of: /-p (\d+)/) }.first?.1)
        #expect(isHeard(on: port))
        demo.kill(signal)
        #expect(demo.wait(seconds: 30) == (signal == SIGKILL ? 128 + SIGKILL : 0))
        #expect(eventually { !isHeard(on: port) }, "a broker is left on port \(port)")
    }

    private func isHeard(on port: Substring) -> Bool {
        (try? mosquittoPub(port: Int(port) ?? 0, topic: "test", payload: "")) != nil
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if condition() { return true }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return condition()
    }
}
