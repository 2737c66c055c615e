// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Judges the raw messages of one row, and the harmonised values that the bridge made from them.
struct RowJudge {
    let row: RowRecord
    let settings: PlugTestSettings
    let profile: Profile
    /// From the first message of the recording to its last.
    let duration: TimeSpan

    typealias Finding = PlugTestRow.Finding

    /// Both judgements and their basis.
    struct Result {
        package var sent: [Finding] = []
        package var harmonised: [Finding] = []
        package var cells: [PlugTestRow.Cell] = []
        package var display: [PlugTestRow.DisplayComparison] = []
        package var steps: [PlugTestRow.StepResult] = []

        package mutating func both(
            _ subject: PlugTestRow.Subject, _ verdict: PlugTestVerdict, _ text: String, rule: Fix.Rule? = nil,
            of registers: [String] = []
        ) {
            sent(subject, verdict, text, rule: rule, of: registers)
            harmonised(subject, verdict, text, rule: rule, of: registers)
        }

        package mutating func sent(
            _ subject: PlugTestRow.Subject, _ verdict: PlugTestVerdict, _ text: String, rule: Fix.Rule? = nil,
            of registers: [String] = []
        ) {
            sent.append(Self.finding(subject, verdict, text, rule, registers))
        }

        package mutating func harmonised(
            _ subject: PlugTestRow.Subject, _ verdict: PlugTestVerdict, _ text: String, rule: Fix.Rule? = nil,
            of registers: [String] = []
        ) {
            harmonised.append(Self.finding(subject, verdict, text, rule, registers))
        }

        private static func finding(
            _ subject: PlugTestRow.Subject, _ verdict: PlugTestVerdict, _ text: String, _ rule: Fix.Rule?,
            _ registers: [String]
        ) -> Finding {
            Finding(
                subject: subject, verdict: verdict, text: text, rule: rule?.rawValue,
                registers: registers.isEmpty ? nil : registers)
        }
    }

    func judge() -> Result {
        var result = Result()
        let frames = FrameJudge(row: row, duration: duration)
        guard row.readings > 0 else {
            judgeSilence(&result)
            frames?.judgeFrames(&result)
            return result
        }
        judgeID(&result)
        judgeTime(&result)
        judgeUnits(&result)
        let suspects = ScaleJudge(row: row).suspects
        for suspect in suspects {
            result.both(.scale, .fail, suspect.text, of: suspect.registers.sorted().map(\.description))
        }
        judgeRejects(&result)
        judgeRemainingFixes(&result)
        frames?.judgeFrames(&result)
        frames?.judgeProfile(&result)
        let steps = StepJudge(row: row, settings: settings, duration: duration)
        result.steps = steps.results(expected: expectedCodes)
        for step in result.steps where step.verdict != .pass {
            let text = step.recovered.map { "recovered only after \($0.text)" } ?? "nothing came any more"
            result.both(.steps, step.verdict, "\(step.name): \(text)")
        }
        for gap in steps.gaps { result.both(.gaps, .incomplete, gap) }
        let wrong = DisplayJudge(row: row, settings: settings, duration: duration)
        result.display = wrong.comparisons
        for comparison in result.display where !comparison.agrees {
            result.both(.display, .fail, DisplayJudge.sentence(comparison), of: [comparison.obis])
        }
        let cells = CellJudge(
            row: row, profile: profile, suspects: suspects,
            misread: Set(result.display.filter { !$0.agrees && $0.value != nil }.map(\.obis)), duration: duration)
        result.cells = settings.expected.map(cells.cell)
        judgeRegisters(&result)
        return result
    }

    private var expectedCodes: Set<OBISCode> { Set(settings.expected.map(\.obis)) }

    // MARK: - Silence

    private func judgeSilence(_ result: inout Result) {
        result.cells = settings.expected.map {
            PlugTestRow.Cell(obis: $0.obis.description, state: row.messages == 0 ? .notObserved : .absent)
        }
        if row.messages > 0, !row.rejects.isEmpty {
            let reasons = row.rejects.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
            result.both(.messages, .fail, "no message could be understood: \(reasons.joined(separator: ", "))")
        } else if duration >= 2 * ExpectedRegister.slowest {
            let what = row.messages == 0 ? "no message came" : "no message brought a register"
            result.both(.messages, .fail, "\(what) in \(duration.text)")
            for index in result.cells.indices { result.cells[index].state = .absent }
        } else {
            let slowest = (2 * ExpectedRegister.slowest).text
            result.both(
                .messages, .notObserved,
                "nothing came in \(duration.text); only after \(slowest) that says something")
            for index in result.cells.indices { result.cells[index].state = .notObserved }
        }
    }

    // MARK: - Identity, time, units

    private func judgeID(_ result: inout Result) {
        if let fix = row.fixes[.idMissing] {
            result.sent(.id, .incomplete, "no message has the meter's id", rule: .idMissing)
            result.harmonised(
                .id, .passWithRepairs, "no id was sent: published as \(fix.first.with ?? "its device")",
                rule: .idMissing)
        }
        if let fix = row.fixes[.idPlaceholder] {
            let original = fix.first.original ?? "nothing"
            result.sent(
                .id, .incomplete, "\(original) is a placeholder of many meters, not an id", rule: .idPlaceholder)
            let isMended = fix.first.action == .substitute
            result.harmonised(
                .id, isMended ? .passWithRepairs : .fail,
                isMended ? "\(original) became \(fix.first.with ?? "")" : "published under the placeholder \(original)",
                rule: .idPlaceholder)
        }
        if row.fixes[.idFlapping] != nil {
            result.sent(.id, .incomplete, "the id is missing at times, or changes", rule: .idFlapping)
            result.harmonised(.id, .passWithRepairs, "the missing id was restored", rule: .idFlapping)
        }
        if row.fixes[.idCollision] != nil {
            result.both(.id, .fail, "two meters send under one id", rule: .idCollision)
        }
        if row.serials.count > 1 {
            result.both(.id, .pass, "\(row.serials.count) ids: the meter was exchanged")
        }
    }

    private func judgeTime(_ result: inout Result) {
        let times = row.times
        let all = times.withZone + times.local + times.missing
        if times.missing == all {
            result.sent(.time, .incomplete, "no message has a time")
        } else if times.missing > 0 {
            result.sent(.time, .incomplete, "\(times.missing) of \(all) readings have no time")
        }
        if times.local > 0 {
            result.sent(
                .time, .incomplete, "local time without zone, read as \(row.source.zone.identifier)")
        }
        for rule in Fix.Rule.allCases where rule.chapter == .time {
            guard let fix = row.fixes[rule] else { continue }
            let (count, first) = (fix.count, fix.first)
            let original = first.original.map { " (\($0))" } ?? ""
            if rule != .timeMissing {
                result.sent(.time, .fail, "\(rule.words)\(original), \(count) ×", rule: rule)
            }
            let isMended = first.action == .substitute
            result.harmonised(
                .time, isMended ? .passWithRepairs : .fail,
                isMended ? "the time of arrival took its place, \(count) ×" : "published as it was\(original)",
                rule: rule)
        }
        if row.fixes[.timeSetBack] != nil {
            result.both(.time, .fail, "the clock was set back while it was watched", rule: .timeSetBack)
        }
        if let out = row.fixes[.timeOutOfOrder] {
            result.both(.time, .pass, "\(out.count) readings came out of order", rule: .timeOutOfOrder)
        }
        judgeClock(&result)
    }

    private func judgeClock(_ result: inout Result) {
        guard let clock = row.clock.clock else { return }
        let sign = clock.offset > .zero ? "ahead" : "behind"
        if let hours = clock.offset.zoneHours, hours != 0 {
            result.sent(.time, .fail, "the clock is \(abs(hours)) h \(sign): a wrong zone, or no daylight saving")
            let isMended = row.fixes[.timeZoneError]?.last.action == .substitute
            result.harmonised(
                .time, isMended ? .passWithRepairs : .fail,
                isMended
                    ? "the clock's \(hours > 0 ? "+" : "")\(hours) h were subtracted"
                    : "published \(abs(hours)) h \(sign): the run was too short to be certain, or the profile leaves it"
            )
            return
        }
        guard clock.offset.magnitude > profile.time.skew else { return }
        let text = "the clock is \(clock.offset.magnitude.text) \(sign)"
        result.sent(.time, .fail, text)
        let isMended =
            row.fixes[.timeSkew]?.last.action == .substitute
            || [Fix.Rule.timeFuture, .timeTooOld, .timeUnsynced].contains { row.fixes[$0]?.last.action == .substitute }
        result.harmonised(.time, isMended ? .passWithRepairs : .fail, isMended ? "\(text), put right" : text)
    }

    /// Judges the units and scales of the row's numbers.
    private func judgeUnits(_ result: inout Result) {
        let unknown = row.registers.filter { $0.value.lacksUnit && profile.register($0.key)?.units.isEmpty == false }
        if !unknown.isEmpty {
            let codes = unknown.keys.sorted().map(\.description).joined(separator: ", ")
            result.both(.unit, .incomplete, "no unit is known for \(codes)")
        }
        switch row.source.adapter.units {
        case .message: break
        case .format:
            result.sent(.unit, .pass, "the units are fixed by the reader's format, not named in its messages")
        case .script:
            result.sent(
                .unit, .incomplete,
                "the messages contain no unit: only the script in the reader knows it, and it may change")
        }
        for rule in Fix.Rule.allCases where rule.chapter == .scale {
            guard let fix = row.fixes[rule] else { continue }
            let (count, first) = (fix.count, fix.first)
            let fields = first.fields.joined(separator: ", ")
            let original = first.original.map { " (\($0))" } ?? ""
            result.sent(
                .scale, .fail, "\(rule.words): \(fields)\(original), \(count) ×", rule: rule, of: first.fields)
            let isMended = first.action != .flag
            result.harmonised(
                .scale, isMended ? .passWithRepairs : .fail,
                isMended ? "\(fields)\(original) became \(first.with ?? "nothing")" : "\(fields)\(original) as sent",
                rule: rule, of: first.fields)
        }
    }

    // MARK: - The rest

    private func judgeRejects(_ result: inout Result) {
        let count = row.rejects.values.reduce(0, +)
        guard count > 0 else { return }
        let reasons = row.rejects.keys.sorted().joined(separator: ", ")
        let isRare = count * 100 <= row.messages
        result.both(
            .messages, isRare ? .pass : .incomplete, "\(count) of \(row.messages) messages rejected: \(reasons)")
    }

    private func judgeRemainingFixes(_ result: inout Result) {
        for rule in Fix.Rule.allCases {
            guard let fix = row.fixes[rule] else { continue }
            let (count, first) = (fix.count, fix.first)
            let fields = first.fields
            let original = first.original.map { " (\($0))" } ?? ""
            let text = "\(rule.words): \(fields.joined(separator: ", "))\(original), \(count) ×"
            switch rule.chapter {
            case .id, .time, .clock, .scale, .unmentioned: break
            case .damage:
                result.sent(.messages, .incomplete, text, rule: rule, of: fields)
                result.harmonised(.messages, .passWithRepairs, text, rule: rule, of: fields)
            case .gap: result.both(.gaps, .incomplete, text, rule: rule, of: fields)
            case .standstill: result.both(.registers, .fail, text, rule: rule, of: fields)
            case .noValue:
                result.sent(.registers, .incomplete, text, rule: rule, of: fields)
                result.harmonised(
                    .registers, first.action == .drop ? .passWithRepairs : .fail, text, rule: rule, of: fields)
            case .value:
                result.sent(.registers, .fail, text, rule: rule, of: fields)
                result.harmonised(
                    .registers, first.action == .flag ? .fail : .passWithRepairs, text, rule: rule, of: fields)
            }
        }
    }

    private func judgeRegisters(_ result: inout Result) {
        func codes(_ state: CellState) -> String {
            result.cells.filter { $0.state == state }.map(\.obis).joined(separator: ", ")
        }
        let absent = codes(.absent)
        if !absent.isEmpty { result.both(.registers, .incomplete, "absent: \(absent)") }
        let late = codes(.notObserved)
        if !late.isEmpty {
            result.both(.registers, .notObserved, "the run was shorter than twice the interval of \(late)")
        }
        let derived = codes(.derived)
        if !derived.isEmpty {
            result.sent(.registers, .incomplete, "not sent: \(derived)")
            result.harmonised(.registers, .pass, "computed: \(derived)")
        }
        for cell in result.cells where cell.state == .wrong {
            let isSaid = result.harmonised.contains { $0.verdict == .fail && $0.registers?.contains(cell.obis) == true }
            if !isSaid { result.both(.registers, .fail, "\(cell.obis): \(cell.note ?? "wrong")", of: [cell.obis]) }
        }
        guard row.readings < 3 else { return }
        let count = row.readings == 1 ? "one reading" : "two readings"
        result.both(.messages, .notObserved, "\(count) only: the run was shorter than twice its interval")
    }
}
