// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import bridge

/// `obis-bridge run` as systemd sees it: Type=notify (sd_notify(3), systemd.service(5)).
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct ServiceTests {
    private func configuration(_ port: Int) -> String {
        "zone: UTC\nbroker: mqtt://localhost:\(port)\nsources: {gplug: {adapter: gplug, subscribe: tele/g/SENSOR}}"
    }

    private func environment(_ manager: FakeServiceManager, watchdog: Duration? = nil) -> [String: String] {
        var variables = ["NOTIFY_SOCKET": manager.address]
        if let watchdog {
            variables["WATCHDOG_USEC"] = "\(watchdog / .microseconds(1))".split(separator: ".")[0].description
        }
        return variables
    }

    @Test(arguments: [false, true])
    func `it is ready when its subscriptions stand and says when it stops`(isAbstract: Bool) throws {
        let manager = try FakeServiceManager(isAbstract: isAbstract)
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(configuration(broker.port), environment: environment(manager))
        #expect(manager.wait(for: "READY=1"), "\(bridge.log)")
        #expect(manager.messages.value.first == ["READY=1", "STATUS=subscribed to tele/g/SENSOR"])
        #expect(bridge.stop() == 0)
        #expect(manager.wait(for: "STOPPING=1"))
        // Nobody asked for signs of life.
        #expect(!manager.messages.value.joined().contains("WATCHDOG=1"))
    }

    @Test func `without a broker it lives, and is ready after 10 s with the reason`() throws {
        let manager = try FakeServiceManager(isAbstract: false)
        let port = try freePort()
        let bridge = try RunningBridge(
            configuration(port), environment: environment(manager, watchdog: .seconds(2)), waitsForSubscription: false)
        #expect(manager.wait { $0.count { $0 == ["WATCHDOG=1"] } >= 4 }, "\(bridge.log)")
        #expect(!manager.messages.value.joined().contains("READY=1"))
        #expect(manager.wait(seconds: 20, for: "READY=1"), "\(manager.messages.value)")
        let status = "STATUS=waiting for the output broker: cannot reach localhost:\(port): Connection refused"
        #expect(manager.messages.value.contains(["READY=1", status]), "\(manager.messages.value)")
        let broker = try MosquittoBroker(port: port)
        #expect(manager.wait(seconds: 40, for: "STATUS=subscribed to tele/g/SENSOR"))
        #expect(bridge.stop() == 0)
        withExtendedLifetime(broker) {}
    }

    @Test func `it does not feed another process's watchdog`() throws {
        let manager = try FakeServiceManager(isAbstract: false)
        let broker = try MosquittoBroker()
        var variables = environment(manager, watchdog: .milliseconds(100))
        variables["WATCHDOG_PID"] = "1"
        let bridge = try RunningBridge(configuration(broker.port), environment: variables)
        #expect(manager.wait(for: "READY=1"))
        #expect(bridge.stop() == 0)
        #expect(!manager.messages.value.joined().contains("WATCHDOG=1"))
    }

    private static let unit = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../packaging/systemd/obis-bridge.service").standardizedFileURL

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")))
    func `systemd rates the unit's exposure below 2`() throws {
        let analysis = try ChildProcess("systemd-analyze", ["security", "--offline=true", Self.unit.path])
        #expect(analysis.wait() == 0)
        let lines = analysis.output.value.lines
        let verdict = try #require(lines.last { $0.contains("Overall exposure level") }, "\(lines)")
        let level = try #require(verdict.split(separator: " ").compactMap { Double($0) }.first, "\(verdict)")
        #expect(level < 2)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")))
    func `systemd understands every line of the unit`() throws {
        let folder = try TemporaryDirectory()
        // The installed program is another one, or none.
        let text = try String(contentsOf: Self.unit, encoding: .utf8)
            .replacing("ExecStart=/usr/bin/obis-bridge", with: "ExecStart=\(RunningBridge.program)")
        let path = try folder.write("obis-bridge.service", text)
        let verification = try ChildProcess("systemd-analyze", ["verify", "--man=no", path])
        #expect(verification.wait() == 0)
        let remarks = verification.output.value.lines.filter { $0.contains("obis-bridge") }
        #expect(remarks.isEmpty, "\(remarks)")
    }

    /// The assignments of the unit, `Section.Key` and value; the last one of several.
    private func settings() throws -> [String: String] {
        var section = ""
        var settings: [String: String] = [:]
        let text = try String(contentsOf: Self.unit, encoding: .utf8)
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("[") { section = String(line.dropFirst().dropLast()) }
            guard let end = line.firstIndex(of: "=") else { continue }
            settings["\(section).\(line[..<end])"] = String(line[line.index(after: end)...])
        }
        return settings
    }

    @Test func `systemd leaves it down for the code that a restart cannot mend, and for nothing else`() throws {
        let settings = try settings()
        #expect(settings["Service.RestartPreventExitStatus"] == "\(ExitCode.configuration.rawValue)")
        #expect(settings["Service.Restart"] == "always")
        // The default gives up after five starts in ten seconds: two messages that end the bridge three times each are six.
        #expect(settings["Unit.StartLimitIntervalSec"] == "0")
        // The memory of a bridge has passwords in it.
        #expect(settings["Service.LimitCORE"] == "0")
    }
}
