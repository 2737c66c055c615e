// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// Judges the messages of a recording, or of a broker, and makes the report.
///
/// Every source has its own pipeline, so that two readers of one meter are two rows and neither hides the other's gaps.
/// The run does not read a clock: time comes from the messages.
package struct PlugTestRun: Sendable {
    private let setup: PlugTestSetup
    /// Finds the source of a topic in the same way as the bridge.
    private let router: Pipeline
    private var pipelines: [Pipeline]
    /// The rows by source, in the order of their appearance.
    private var rows: [[RowRecord]]
    /// The log lines by source, each once: unknown labels, a missing time zone.
    private var remarks: [[String]]
    private var start: Timestamp?
    private var now = Timestamp(seconds: 0)
    private var unclaimed = 0
    package private(set) var messages = 0

    /// More devices in one source mean a mistake in its filter.
    private static let rowsLimit = 200
    private static let remarksLimit = 20

    package init(_ setup: PlugTestSetup) {
        self.setup = setup
        router = Pipeline(setup.pipeline)
        pipelines = setup.pipeline.sources.map { source in
            var settings = setup.pipeline
            settings.sources = [source]
            settings.partition = .whole
            settings.outputs = .harmonized
            var pipeline = Pipeline(settings)
            pipeline.keepsTraces = true
            return pipeline
        }
        rows = setup.pipeline.sources.map { _ in [] }
        remarks = setup.pipeline.sources.map { _ in [] }
    }

    /// The time since the first message.
    package var duration: TimeSpan { start.map { now - $0 } ?? .zero }

    /// The rows, messages, readings and rejects so far, by source.
    package var progress: [(source: String, rows: Int, messages: Int, readings: Int, rejects: Int)] {
        zip(setup.pipeline.sources, rows).map { source, rows in
            (
                source.name, rows.count, rows.map(\.messages).reduce(0, +), rows.map(\.readings).reduce(0, +),
                rows.flatMap(\.rejects.values).reduce(0, +)
            )
        }
    }

    /// Everything that identifies a meter, in the order of the sources and of first appearance.
    package var serials: [String] { rows.flatMap { $0.flatMap(\.secrets) } }

    /// The adapter that reads a topic; nil when no source reads it.
    package func adapter(of topic: String) -> (any Adapter)? {
        let name = router.source(of: topic)
        return setup.pipeline.sources.first { $0.name == name }?.adapter
    }

    // MARK: - Messages

    package mutating func take(_ message: RawMessage) {
        if start == nil { start = message.received }
        now = max(now, message.received)
        advance()
        guard !RecordedTraffic.isMark(message.topic) else { return }
        messages += 1
        guard let name = router.source(of: message.topic),
            let index = setup.pipeline.sources.firstIndex(where: { $0.name == name })
        else {
            unclaimed += 1
            return
        }
        _ = pipelines[index].handle(message)
        collect(index)
    }

    /// Lets every pipeline close what is due.
    private mutating func advance() {
        for index in pipelines.indices {
            var last: Timestamp?
            while let due = pipelines[index].nextDeadline, due <= now, last.map({ $0 < due }) ?? true {
                _ = pipelines[index].advance(to: due)
                last = due
            }
            _ = pipelines[index].advance(to: now)
            collect(index)
        }
    }

    private mutating func collect(_ index: Int) {
        for diagnostic in pipelines[index].takeDiagnostics() where remarks[index].count < Self.remarksLimit {
            // The report shows fixes elsewhere.
            if diagnostic.fix == nil { remarks[index].append("\(diagnostic)") }
        }
        for trace in pipelines[index].takeTraces() {
            switch trace {
            case .message(let message, let device, let verdict):
                guard let row = row(index, device: Self.device(device, verdict), meter: nil) else { continue }
                rows[index][row].note(message, verdict)
            case .reading(let reading, let telegram, let device, let sent):
                guard let row = row(index, device: device, meter: reading.meter) else { continue }
                rows[index][row].note(
                    reading, telegram: telegram, sent: sent, placeholders: setup.pipeline.profile.placeholders)
            case .rejected(let rejection, let origin):
                guard let row = rows[index].lastIndex(where: { $0.hears(origin.topic) }) else { continue }
                rows[index][row].note(rejection)
            }
        }
    }

    /// The device that the payload names, else the given one.
    private static func device(_ device: String, _ verdict: Verdict) -> String {
        guard case .telegrams(let telegrams, _, _) = verdict else { return device }
        return telegrams.lazy.compactMap(\.device).first ?? device
    }

    /// The newest row of a device, or a new row for another meter behind it; nil at the limit of rows.
    private mutating func row(_ source: Int, device: String, meter: String?) -> Int? {
        if let known = rows[source].lastIndex(where: { row in
            row.device == device && (meter.map(row.accepts) ?? true)
        }) {
            return known
        }
        guard rows[source].count < Self.rowsLimit else { return nil }
        rows[source].append(
            RowRecord(source: setup.pipeline.sources[source], device: device, start: start ?? now))
        return rows[source].count - 1
    }

    // MARK: - Report

    /// Ends the run and makes the report.
    ///
    /// - Parameter sha256: of the recording's bytes, in hexadecimal.
    package mutating func report(sha256: String, version: String, isStrict: Bool, isAnonymised: Bool) -> PlugTestReport
    {
        for index in pipelines.indices {
            _ = pipelines[index].flush(at: now)
            collect(index)
        }
        let start = start ?? now
        var all: [RowRecord] = []
        for (index, source) in setup.pipeline.sources.enumerated() {
            all += rows[index].isEmpty ? [RowRecord(source: source, device: "", start: start)] : rows[index]
        }
        for index in all.indices { all[index].finish() }
        let names = Self.names(of: all)
        let profile = setup.pipeline.profile
        let maker = RowMaker(setup: setup, duration: duration, isStrict: isStrict)
        let said = zip(setup.pipeline.sources, remarks).map { ($0.name, $1) }
        let rows = zip(names, all).enumerated().map { number, row in
            // Remarks concern a source; the report puts them into its first row.
            let isFirst = !all[..<number].contains { $0.source.name == row.1.source.name }
            return maker.row(row.0, row.1, remarks: isFirst ? said.first { $0.0 == row.1.source.name }?.1 ?? [] : [])
        }
        let pairs = Self.pairs(Array(zip(names, all)))
        return PlugTestReport(
            title: setup.settings.title,
            verdict: .worst(rows.map(\.harmonised.verdict) + pairs.map(\.verdict)),
            isStrict: isStrict, isAnonymised: isAnonymised, from: "\(start)", to: "\(now)", duration: duration,
            recording: PlugTestReport.Recording(sha256: sha256, messages: messages, unclaimed: unclaimed),
            program: PlugTestReport.Program(
                version: version, profile: profile.name, profileHash: profile.hash, schema: profile.schema),
            expected: setup.settings.expected.map { expected in
                PlugTestReport.Expected(
                    obis: expected.obis.description, name: profile.register(expected.obis)?.alias ?? "",
                    unit: profile.register(expected.obis)?.units.first?.symbol, every: expected.every)
            },
            rows: rows, pairs: pairs,
            steps: setup.settings.steps.map {
                PlugTestReport.Step(name: $0.name, at: $0.at.offset(from: start), within: $0.within)
            })
    }

    /// The names of the rows: the source alone where that is unique.
    private static func names(of rows: [RowRecord]) -> [String] {
        rows.map { row in
            let siblings = rows.filter { $0.source.name == row.source.name }
            guard siblings.count > 1 else { return row.source.name }
            let twins = siblings.filter { $0.device == row.device }
            let device = row.device.isEmpty ? row.source.name : "\(row.source.name)/\(row.device)"
            return twins.count > 1 ? "\(device)/\(row.meter ?? "?")" : device
        }
    }

    private static func pairs(_ rows: [(name: String, record: RowRecord)]) -> [PlugTestPair] {
        var pairs: [PlugTestPair] = []
        for (position, one) in rows.enumerated() {
            guard let meter = one.record.meter else { continue }
            for other in rows[(position + 1)...] where other.record.meter == meter {
                if let pair = PairJudge(one: one, other: other).pair(meter: meter) { pairs.append(pair) }
            }
        }
        return pairs
    }
}
