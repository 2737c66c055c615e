// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing
import Wire

@testable import BridgeConfiguration
@testable import PlugTest

/// The recordings of the golden reports.
enum PlugTestSamples {
    /// The four meters of the plug-test, a year after they got their configuration of 2026, with a broker that was restarted.
    static let good: Data = {
        var traffic = MadeUpTraffic(duration: 720, outage: 375..<430)
        traffic.add(
            MadeUpTraffic.Collector(topic: "LGZ1030655900017"), of: MadeUpMeter(imported: 888_343, base: 390))
        traffic.add(
            MadeUpTraffic.Collector(topic: "12345", hasCodes: false, types: MadeUpTraffic.Collector.old, first: 9),
            of: MadeUpMeter(imported: 903_112, base: 210))
        traffic.add(
            MadeUpTraffic.GPlug(topic: "gPlug10", serial: "3130303030313233", isInKilowatts: false, isAS3000: true),
            of: MadeUpMeter(imported: 33_230, base: 260))
        traffic.add(
            MadeUpTraffic.GPlug(topic: "gPlugD_5A1B2C", serial: "\"49534B31303330373735323030303133\"", first: 4),
            of: MadeUpMeter(imported: 158_201, exported: 118_025, base: 330))
        return traffic.recording
    }()

    static let goodConfiguration = """
        bridge: bench
        zone: Europe/Zurich
        sources:
          ekz:
            adapter: smartmeter-datacollector
            subscribe: smartmeter/LGZ1030655900017/#
            about: {utility: EKZ, meter: Landis+Gyr E450, reader: Raspberry Pi with M-Bus}
          aew:
            adapter: smartmeter-datacollector
            subscribe: smartmeter/12345/#
            meter: aew-1
            about: {utility: AEW, meter: Landis+Gyr E450, reader: NUC with M-Bus}
          ewb:
            adapter: gplug
            labels: gplug-e-as3000
            subscribe: tele/gPlug10/SENSOR
            about: {utility: Energie Wasser Bern, meter: Elster AS3000, reader: gPlugE}
          romande-energie:
            adapter: gplug
            labels: gplug-d-hdlc
            subscribe: tele/gPlugD_5A1B2C/SENSOR
            about: {utility: Romande Energie, meter: Iskra AM550, reader: gPlugD}
        profile:
          derived: {"1-0:1.8.0": {enabled: true}, "1-0:2.8.0": {enabled: true}}
        plugtest:
          title: Plug-test of four Swiss meters
          expected: core
          display:
            - {source: ekz, register: 1-0:1.8.0, value: 888.49 kWh, at: 10m}
          steps:
            - {at: 375s, name: broker restarted, within: 90s}

        """

    /// Four that are broken, each in its own way.
    static let broken: Data = {
        var traffic = MadeUpTraffic(duration: 720)
        traffic.add(
            MadeUpTraffic.GPlug(
                topic: "gPlugE_000001", serial: "3130303030393939", isInKilowatts: true, isAS3000: true),
            of: MadeUpMeter(imported: 71_230, base: 950))
        traffic.add(
            MadeUpTraffic.GPlug(
                topic: "gPlugD_000002", serial: "\"49534B31303330373735323030303939\"", first: 3, ahead: -3600),
            of: MadeUpMeter(imported: 258_201, base: 330))
        traffic.add(
            MadeUpTraffic.Collector(topic: "/dev/ttyUSB0", first: 5, missing: 200..<320, dip: 485..<515),
            of: MadeUpMeter(imported: 642_100, base: 300))
        traffic.add(
            MadeUpTraffic.Collector(topic: "ISK1030775200077", hasCodes: false, first: 8, voltageFactor: 10),
            of: MadeUpMeter(imported: 512_000, base: 700))
        return traffic.recording
    }()

    static let brokenConfiguration = """
        bridge: bench
        zone: Europe/Zurich
        sources:
          kilowatt: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/gPlugE_000001/SENSOR}
          utc: {adapter: gplug, labels: gplug-d-hdlc, subscribe: tele/gPlugD_000002/SENSOR}
          holes: {adapter: smartmeter-datacollector, subscribe: smartmeter//dev/ttyUSB0/#}
          volts: {adapter: smartmeter-datacollector, subscribe: smartmeter/ISK1030775200077/#}
        plugtest: {title: Four broken ones}

        """

    /// The report of a recording.
    static func report(
        _ recording: Data, _ configuration: String, isStrict: Bool = false
    ) throws -> PlugTestReport {
        let loader = ConfigurationLoader(environment: [:])
        let loaded = try #require(loader.load(configuration, file: "bridge.yaml"), "\(loader.problems.sorted)")
        var run = PlugTestRun(loaded.plugTestSetup)
        for message in try RecordedTraffic(recording).messages { run.take(message) }
        let sha256 = SHA256.hexadecimal(of: Array(recording))
        var report = run.report(sha256: sha256, version: "0", isStrict: isStrict, isAnonymised: false)
        // The golden reports are about meters, not about the profile's last word.
        report.program.profileHash = "0000000000000000"
        return report
    }

    /// The report of messages that a test makes up, of sources in YAML.
    static func report(
        sources: String, plugTest: String = "{}", duration: Int = 720, isStrict: Bool = false,
        _ make: (inout MadeUpTraffic) -> Void
    ) throws -> PlugTestReport {
        var traffic = MadeUpTraffic(duration: duration)
        make(&traffic)
        return try report(
            traffic.recording, "zone: Europe/Zurich\nsources:\n\(sources)\nplugtest: \(plugTest)\n", isStrict: isStrict)
    }
}
