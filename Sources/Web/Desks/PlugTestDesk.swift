// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import MQTT
import Machine
import Page
import PlugTest
import Wire

/// A plug-test of the running bridge: it judges the messages that the bridge receives, and keeps the recording in
/// memory.
actor PlugTestDesk {
    /// The maximum size of the recording in bytes: four meters fill it in about a day.
    private static let limit = 64 << 20

    private let tap: MessageTap
    private let arrived = Locked<[RawMessage]>([])
    private var setup: PlugTestSetup?
    private var run: PlugTestRun?
    private var recording: [UInt8] = []
    private var started: Timestamp?
    private var problem: String?
    private var isRunning = false
    /// The last report, with its number of messages.
    private var known: (messages: Int, report: PlugTestReport)?

    init(tap: MessageTap) { self.tap = tap }

    func start(_ configuration: Configuration) {
        setup = configuration.plugTestSetup
        run = PlugTestRun(configuration.plugTestSetup)
        (recording, known, problem) = ([], nil, nil)
        started = SystemClock.now
        isRunning = true
        arrived.withLock { $0 = [] }
        tap.open { [arrived] message in arrived.withLock { $0.append(message) } }
    }

    func stop() {
        collect()
        tap.open(nil)
        isRunning = false
    }

    /// Judges the messages that arrived since the last call. Without a viewer they wait; a house sends little in a
    /// minute.
    private func collect() {
        let messages = arrived.withLock { arrived in
            defer { arrived = [] }
            return arrived
        }
        guard isRunning else { return }
        for message in messages {
            run?.take(message)
            recording += RecordedTraffic.line(message)
        }
        guard recording.count > Self.limit else { return }
        problem = "it ended by itself: the recording is \(Self.limit >> 20) MiB long"
        tap.open(nil)
        isRunning = false
    }

    /// Removes the messages on some topics from the recording, and judges the rest again.
    func forget(where isGone: (String) -> Bool) {
        collect()
        guard let setup, !recording.isEmpty, let traffic = try? RecordedTraffic(Data(recording)),
            traffic.messages.contains(where: { isGone($0.topic) })
        else { return }
        var rest = PlugTestRun(setup)
        recording = []
        for message in traffic.messages where !isGone(message.topic) {
            rest.take(message)
            recording += RecordedTraffic.line(message)
        }
        (run, known) = (rest, nil)
    }

    private func report() -> PlugTestReport? {
        collect()
        guard var run, run.messages > 0 else { return nil }
        if let known, known.messages == run.messages { return known.report }
        let report = run.report(
            sha256: SHA256.hexadecimal(of: recording), version: Program.version, isStrict: false, isAnonymised: false)
        known = (run.messages, report)
        return report
    }

    func file(_ name: String) -> (contentType: String, bytes: [UInt8])? {
        if name == "recording.jsonl" {
            collect()
            return started == nil ? nil : ("application/jsonl", recording)
        }
        let formats: [String: (PlugTestFormat, String)] = [
            "report.html": (.html, "text/html; charset=utf-8"),
            "report.md": (.markdown, "text/markdown; charset=utf-8"),
            "report.csv": (.csv, "text/csv; charset=utf-8"), "report.json": (.json, "application/json"),
        ]
        guard let (format, contentType) = formats[name], let report = report() else { return nil }
        return (contentType, Array(format.text(report).utf8))
    }

    var glance: PlugTestGlance {
        var glance = PlugTestGlance()
        let report = report()
        glance.started = started
        glance.isRunning = isRunning
        glance.problem = problem
        glance.messages = run?.messages ?? 0
        guard let report else { return glance }
        glance.verdict = report.verdict.rawValue
        glance.columns = report.expected.map { ($0.obis, $0.name) }
        glance.rows = report.rows.map { row in
            PlugTestGlance.Row(
                name: row.name, subtitle: ReportWords.subtitle(row), sent: row.sent.verdict.rawValue,
                harmonised: row.harmonised.verdict.rawValue,
                cells: row.cells.map { cell in
                    let unit = cell.unit.map { " \($0)" } ?? ""
                    return (cell.state.rawValue, cell.value.map { $0 + unit } ?? "", cell.note ?? "")
                },
                facts: zip(ReportWords.columns, ReportWords.values(row)).map { (name: $0, value: $1) },
                findings: (row.sent.findings + row.harmonised.findings).reduce(into: []) { all, finding in
                    if !all.contains(where: { $0.text == finding.text }) {
                        all.append((finding.verdict.rawValue, finding.text))
                    }
                })
        }
        return glance
    }
}
