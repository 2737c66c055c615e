// SPDX-License-Identifier: Apache-2.0

/// The record of what happened: counts, diagnostics for people, and values for programs that judge or embed the
/// pipeline. Every stage writes into it, none reads it.
///
/// The types that report something, side by side:
///
/// | type | content | where it is seen |
/// | --- | --- | --- |
/// | `Fix` | what was repaired or doubted in one reading | `fixes` of the reading, counters |
/// | `Translation` | an exact conversion that is valid for a meter | `translations` of its `info` |
/// | `Rejection` | why a message was not understood | the dead letter, counters |
/// | `JSONLeniency` | which rule of JSON a payload broke although it was read | a `Fix` |
/// | `Remark` | what a decoder noticed about a device | a `Notice` |
/// | `Notice` | what happened, for people, without words | a `Diagnostic` |
/// | `Diagnostic` | the sentence of a notice | the log |
/// | `Trace` | what became of each message, for programs | the plug-test |
struct Journal: Sendable {
    var counters: Counters
    /// True to report also what a log shows while all is well: which meters were found, that every source sends, what
    /// is rejected. Only a running bridge sets it; a command that reads one payload has its own words.
    var tellsNews = false
    /// True to keep a trace of every step; the caller that sets it takes the traces after each message.
    var keepsTraces = false
    /// True to keep the age of each reading; the caller that sets it takes the ages after each batch.
    var keepsReadingAges = false
    /// True to keep the readings as values; the caller that sets it takes them after each message.
    var keepsReadings = false
    private var diagnostics: [Diagnostic] = []
    private var said: Set<Diagnostic> = []
    private var traces: [Trace] = []
    private var readings: [Reading] = []
    private var readingAges: [TimeSpan] = []
    /// True to keep the readings that update the states of the meters; the caller that sets it takes them after each
    /// message.
    var keepsMergedReadings = false
    private var mergedReadings: [Reading] = []
    /// The number of meters that were reported.
    private var toldMeters = 0

    /// The limit of different sentences. A sender that invents labels must fill neither the memory nor the log.
    private static let sentenceLimit = 2000
    /// The limit of values that wait to be taken, so that a caller that does not take them cannot fill the memory.
    private static let waitingLimit = 10_000
    private static let traceLimit = 100_000
    /// The limit of meters that are reported one by one; a grid operator has tens of thousands.
    private static let newsLimit = 50

    /// - Parameter sources: the names of the sources, in the order of the settings.
    init(sources: [String]) { counters = Counters(sources: sources) }

    // MARK: - For people

    /// Reports a notice unless the same sentence was reported before.
    mutating func say(_ notice: Notice) {
        guard said.count < Self.sentenceLimit else { return }
        let diagnostic = Diagnostic(notice)
        guard said.insert(diagnostic).inserted else { return }
        diagnostics.append(diagnostic)
        if said.count == Self.sentenceLimit { diagnostics.append(Diagnostic(.tooManyRemarks)) }
    }

    /// Reports a notice even if it was reported before.
    mutating func tell(_ notice: Notice) {
        if diagnostics.count < Self.waitingLimit { diagnostics.append(Diagnostic(notice)) }
    }

    mutating func takeDiagnostics() -> [Diagnostic] {
        defer { diagnostics = [] }
        return diagnostics
    }

    // MARK: - News

    /// Notes a reading, the `count`th of its meter since the start.
    mutating func note(_ reading: Reading, name: String?, count: Int) {
        if keepsReadings { readings.append(reading) }
        if keepsReadingAges, reading.clock != .bridge, readingAges.count < Self.waitingLimit {
            readingAges.append(max(.zero, reading.received - reading.time))
        }
        guard tellsNews, count == 1 else { return }
        toldMeters += 1
        guard toldMeters <= Self.newsLimit else { return }
        tell(
            .firstReading(
                meter: reading.meter, name: name, registers: reading.registers.count, source: reading.origin.source,
                topic: reading.origin.topic))
        if toldMeters == Self.newsLimit { tell(.manyMeters(count: toldMeters)) }
    }

    /// Reports that the last awaited source has sent.
    mutating func noteAllSources(first: String, count: Int) {
        if tellsNews { tell(.sourcesSend(first: first, count: count)) }
    }

    /// Notes a rejected message: reports the first of its kind, the tenth, the hundredth …, so that no reader fills the
    /// log.
    mutating func note(_ rejection: Rejection, origin: Origin, deadLetter: @autoclosure () -> String) {
        let source = counters.index(ofSource: origin.source)
        counters.count(rejection, source: source)
        if keepsTraces { trace(.rejected(rejection, origin: origin)) }
        // These are reported where they arise, with what to do about them.
        guard tellsNews, ![.encrypted, .limit, .crash].contains(rejection.reason), let source,
            let count = counters.sources[source].rejected[rejection.reason]
        else { return }
        if count == 1 {
            tell(.rejected(rejection, source: origin.source, topic: origin.topic, deadLetter: deadLetter()))
        } else if Self.isRound(count) {
            tell(.rejectedOften(rejection.reason, source: origin.source, count: count))
        }
    }

    /// Reports that a meter fell silent, or sends again; a meter that alternates is reported ever more rarely.
    ///
    /// - Parameters:
    ///   - silences: how often the meter fell silent since the start.
    ///   - last: when its newest reading arrived; nil when there is none.
    mutating func noteAvailability(
        _ isOnline: Bool, of meter: String, silences count: Int, last: Timestamp?, at now: Timestamp
    ) {
        guard tellsNews, let last, count > 0, count <= 3 || Self.isRound(count), toldMeters <= Self.newsLimit else {
            return
        }
        let silence = max(.zero, now - last)
        tell(isOnline ? .onlineAgain(meter: meter) : .offline(meter: meter, silence, count: count))
    }

    /// Counts the repairs of a reading, and reports those that are news about its meter.
    ///
    /// - Parameters:
    ///   - ledger: the repairs of the meter's readings so far.
    ///   - index: the place of `source` in the settings.
    mutating func note(
        _ fixes: [Fix], meter: String, ledger: inout FixLedger, source: String, index: Int, at received: Timestamp
    ) {
        for fix in fixes {
            counters.count(fix, source: index)
            guard let news = ledger.note(fix, source: source, at: received) else { continue }
            // The guard of a counter reports itself what it holds, and how to confirm it.
            if news == .new, fix.action == .hold || fix.action == .accept, Self.rulesOfCounters.contains(fix.rule) {
                continue
            }
            tell(.fix(fix, meter: meter, source: source))
        }
    }

    private static let rulesOfCounters: Set<Fix.Rule> = [
        .counterDecrease, .counterZero, .counterJump, .counterConfirmed,
    ]

    /// 10, 100, 1000 …
    private static func isRound(_ count: Int) -> Bool {
        var rest = count
        while rest >= 10, rest % 10 == 0 { rest /= 10 }
        return rest == 1 && count >= 10
    }

    // MARK: - For programs

    /// Notes a step; called only where traces are kept, because making one costs time.
    mutating func trace(_ step: Trace) {
        if traces.count < Self.traceLimit { traces.append(step) }
    }

    mutating func takeTraces() -> [Trace] {
        defer { traces = [] }
        return traces
    }

    mutating func takeReadings() -> [Reading] {
        defer { readings = [] }
        return readings
    }

    /// Notes a reading that was merged into the state of its meter.
    mutating func noteMerged(_ reading: Reading) {
        if keepsMergedReadings { mergedReadings.append(reading) }
    }

    mutating func takeMergedReadings() -> [Reading] {
        guard !mergedReadings.isEmpty else { return [] }
        defer { mergedReadings = [] }
        return mergedReadings
    }

    mutating func takeReadingAges() -> [TimeSpan] {
        guard !readingAges.isEmpty else { return [] }
        defer { readingAges = [] }
        return readingAges
    }
}

extension Diagnostic {
    fileprivate init(_ notice: Notice) {
        self.init(notice.level, notice.text)
        if case .fix(let fix, _, _) = notice { self.fix = fix }
    }
}
