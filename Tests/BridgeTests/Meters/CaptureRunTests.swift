// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import bridge

/// Captures of a gas meter in the hour that autumn repeats, through the whole pipeline.
@Suite struct CaptureRunTests {
    /// The time of the capture in the reading, of a telegram that comes at 02:59:58 of the first pass.
    private func time(ofCapture stamp: String) throws -> String? {
        let arrival = try #require(RFC3339.instant("2025-10-26T00:59:58Z"))
        var run = try ConfiguredRun(
            "zone: Europe/Amsterdam\nsources: {p1: {adapter: p1, crc: off, subscribe: p1}}\n", at: arrival)
        let lines = [
            "/KFM5 made up", "", "0-0:1.0.0(251026025958S)", "0-0:96.1.1(4530303434303037313234393835303231)",
            "1-0:1.7.0(00.412*kW)", "0-1:24.1.0(003)", "0-1:96.1.0(4730303332353631323736373130303231)",
            "0-1:24.2.1(\(stamp))(00453.722*m3)", "!",
        ]
        let text = try #require(
            run.send("p1", lines.joined(separator: "\r\n") + "\r\n").texts("/reading").first)
        let reading = Received("x \(text)").object
        let registers = reading["registers"] as? [String: [String: Any]]
        // A register without a time of its own has the reading's.
        return (registers?["0-1:24.2.1"]?["time"] ?? reading["time"]) as? String
    }

    @Test func `a capture that is up to ten seconds ahead of its arrival is of the second pass, and then of now`()
        throws
    {
        #expect(try time(ofCapture: "251026020002") == "2025-10-26T00:59:58Z")
        #expect(try time(ofCapture: "251026020008") == "2025-10-26T00:59:58Z")
    }

    @Test func `one that is further ahead is of the first`() throws {
        #expect(try time(ofCapture: "251026020009") == "2025-10-26T00:00:09Z")
        #expect(try time(ofCapture: "251026020100") == "2025-10-26T00:01:00Z")
    }
}
