// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest

/// `--anonymise`: the same faults under other names.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct AnonymiserTests {
    private static func setup(_ sources: String) throws -> PlugTestSetup {
        let loader = ConfigurationLoader(environment: [:])
        let loaded = loader.load("zone: Europe/Zurich\nsources:\n\(sources)\n", file: "bridge.yaml")
        return try #require(loaded, "\(loader.problems.sorted)").plugTestSetup
    }

    private static func message(_ topic: String, _ payload: String) -> RawMessage {
        RawMessage(topic: topic, payload: Array(payload.utf8), received: MadeUpTraffic.start)
    }

    private static func text(_ message: RawMessage) -> String { String(decoding: message.payload, as: UTF8.self) }

    @Test func `a P1 telegram has another serial and a CRC that fits`() throws {
        let body =
            "/KFM5KAIFA-METER\r\n\r\n0-0:1.0.0(261120100000W)\r\n0-0:96.1.1(4530303236303030303139383735363136)\r\n"
            + "1-0:1.8.1(000559.373*kWh)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(4730303136353631323031393837363534)\r\n!"
        let crc = CRC16.text(Array(body.utf8).withUnsafeBufferPointer(CRC16.checksum))
        let telegram = Self.message("p1/raw", body + crc + "\r\n")
        let setup = try Self.setup("  p1: {adapter: p1, subscribe: p1/raw}")
        let anonymiser = Anonymiser([telegram], setup)
        let replaced = anonymiser.message(telegram)
        #expect(!Self.text(replaced).contains("4530303236303030303139383735363136"))
        #expect(!Self.text(replaced).contains("4730303136353631323031393837363534"))
        #expect(Self.text(replaced).contains("000559.373*kWh"))
        var run = PlugTestRun(anonymiser.setup(setup))
        run.take(replaced)
        let row = run.report(sha256: "", version: "", isStrict: false, isAnonymised: true).rows[0]
        #expect(row.rejects.isEmpty)
        #expect(row.serials == ["E9000000000000001"])
    }

    @Test func `a telegram that was damaged stays damaged`() throws {
        let telegram = Self.message(
            "p1/raw",
            "/KFM5KAIFA-METER\r\n\r\n0-0:96.1.1(4530303236303030303139383735363136)\r\n1-0:1.8.1(000559.373*kWh)\r\n!0000\r\n"
        )
        let good = Self.message("p1/raw", "x 4530303236303030303139383735363136")
        #expect(TelegramChecksum.restored(telegram.payload, from: telegram.payload) == telegram.payload)
        #expect(TelegramChecksum.restored(good.payload, from: telegram.payload) == good.payload)
    }

    @Test func `host, network and addresses of a reader are replaced wherever they stand`() throws {
        let state = Self.message(
            "tele/gPlugD_5A1B2C/STATE",
            #"{"Time":"2026-11-20T10:00:00","Hostname":"gPlugD-5A1B2C-6956","IPAddress":"10.7.8.9","Mac":"EC:FA:BC:5A:1B:2C","Wifi":{"SSId":"Familie Muster","BSSId":"EC:FA:BC:00:11:22"}}"#
        )
        let sensor = Self.message(
            "tele/gPlugD_5A1B2C/SENSOR",
            #"{"Time":"2026-11-20T10:00:00","z":{"SMid":"72913313","Ei":72913313.5,"Pi":0.1}}"#)
        let setup = try Self.setup("  re: {adapter: gplug, labels: gplug-m, subscribe: tele/gPlugD_5A1B2C/#}")
        let anonymiser = Anonymiser([state, sensor], setup)
        let text = Self.text(anonymiser.message(state))
        for secret in ["5A1B2C", "10.7.8.9", "EC:FA", "Muster", "00:11:22"] {
            #expect(!text.contains(secret), "\(text)")
        }
        let reading = anonymiser.message(sensor)
        #expect(reading.topic == "tele/reader-1/SENSOR")
        #expect(Self.text(reading).contains("\"SMid\":\"90000001\""))
        // A counter with the same digits is no serial.
        #expect(Self.text(reading).contains("\"Ei\":72913313.5"))
        #expect(anonymiser.setup(setup).pipeline.sources[0].filters.map(\.filter) == ["tele/reader-1/#"])
    }

    @Test func `fillers and words of the format stay`() throws {
        let message = Self.message("smartmeter/12345/ACTIVE_POWER_P", #"{"value": 12345.0, "timestamp": 1795165200}"#)
        let setup = try Self.setup("  aew: {adapter: smartmeter-datacollector, subscribe: smartmeter/#}")
        #expect(Anonymiser([message], setup).message(message) == message)
    }

    @Test(arguments: [
        ("LGZ1030655900017", "LGZ9000000000001"), ("72913313", "90000001"), ("E0026", "E9001"),
        ("ABCDEFGH", "ABC90001"),
    ])
    func `a made-up serial has the shape of the old one`(old: String, new: String) {
        #expect(MadeUpNames.serial(like: old, number: 1) == new)
    }
}
